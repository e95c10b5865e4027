import type { EventState, WebEvent } from './event.js'
import type { WebKit } from './kit.js'

/** What the targets need of AbortSignal, once there is one. */
interface Signals {
  isSignal(value: unknown): boolean
  isAborted(signal: unknown): boolean
  whenAborted(signal: unknown, then: () => void): void
}

export interface WebEvents {
  readonly EventTarget: new () => object
  listen(target: object, type: string, callback: () => void): void
  unlisten(target: object, type: string, callback: () => void): void
  /** Fires an event that no script has made. */
  announce(target: object, type: string): void
  useSignals(signals: Signals): void
}

/**
 * EventTarget.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createEvents(kit: WebKit, { Event, stateOf }: WebEvent): WebEvents {
  const { apply } = kit

  interface Listener {
    readonly type: string
    readonly callback: object
    readonly capture: boolean
    readonly once: boolean
    readonly passive: boolean
    /** What is added while an event is on its way does not get it. */
    readonly serial: number
    removed: boolean
    next: Listener | undefined
  }
  /** A list through its members, which no setter on a prototype of the script's gets to see. */
  interface Listeners {
    first: Listener | undefined
    last: Listener | undefined
  }
  interface ListenerOptions {
    readonly capture?: unknown
    readonly once?: unknown
    readonly passive?: unknown
    readonly signal?: unknown
  }

  let serial = 0
  let signals: Signals | undefined
  let listenersOf: (target: unknown) => Listeners | undefined

  function isObject(value: unknown): value is object {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
  }

  function listen(list: Listeners, type: string, callback: object, given: ListenerOptions): void {
    const capture = !!given.capture
    for (let it = list.first; it; it = it.next) {
      if (it.callback === callback && it.type === type && it.capture === capture) return
    }
    const listener: Listener = {
      type,
      callback,
      capture,
      once: !!given.once,
      passive: !!given.passive,
      serial: ++serial,
      removed: false,
      next: undefined,
    }
    if (list.last) list.last.next = listener
    else list.first = listener
    list.last = listener
  }

  function unlisten(list: Listeners, type: string, callback: object, capture: boolean): void {
    let before: Listener | undefined
    for (let it = list.first; it; it = it.next) {
      if (it.callback === callback && it.type === type && it.capture === capture) {
        // Its `next` stays: an event may be on its way along the list.
        it.removed = true
        if (before) before.next = it.next
        else list.first = it.next
        if (list.last === it) list.last = before
        return
      }
      before = it
    }
  }

  /** A rejection that nobody handles: who dispatches an event does not get its listeners' errors. */
  async function report(error: unknown): Promise<never> {
    throw error
  }

  function dispatch(target: EventTarget, event: object, trusted: boolean): boolean {
    const list = listenersOf(target) as Listeners
    const state = stateOf(event) as EventState
    const { type } = state
    const newest = serial
    state.trusted = trusted
    state.onItsWay = true
    state.target = target
    for (let it = list.first; it && it.serial <= newest && !state.stoppedNow; it = it.next) {
      if (it.removed || it.type !== type) continue
      if (it.once) unlisten(list, type, it.callback, it.capture)
      state.passive = it.passive
      try {
        const { callback } = it
        if (typeof callback === 'function') apply(callback, target, [event])
        else apply((callback as { handleEvent: () => void }).handleEvent, callback, [event])
      } catch (error) {
        report(error)
      }
      state.passive = false
    }
    state.onItsWay = false
    state.stopped = false
    state.stoppedNow = false
    return !state.prevented
  }

  function isCallback(value: unknown): value is object {
    if (isObject(value)) return true
    if (value === null || value === undefined) return false
    throw kit.invalid('The "listener" argument must be an instance of EventListener')
  }

  function optionsOf(options: unknown): ListenerOptions {
    return isObject(options) ? options : ({ __proto__: null, capture: options } as ListenerOptions)
  }

  class EventTarget {
    readonly #listeners: Listeners = { first: undefined, last: undefined }

    static {
      listenersOf = (target) =>
        isObject(target) && #listeners in target ? target.#listeners : undefined
    }

    addEventListener(type: unknown, callback: unknown, options?: unknown): void {
      const list = this.#listeners
      kit.need(arguments.length, 2, 'The "type" and "listener" arguments')
      const given = optionsOf(options)
      const { signal } = given
      if (signal !== undefined && !signals?.isSignal(signal)) {
        throw kit.invalid('The "options.signal" property must be an instance of AbortSignal')
      }
      if (!isCallback(callback) || signals?.isAborted(signal)) return
      const name = `${type}`
      listen(list, name, callback, given)
      if (signal === undefined) return
      const capture = !!given.capture
      signals?.whenAborted(signal, () => unlisten(list, name, callback, capture))
    }

    removeEventListener(type: unknown, callback: unknown, options?: unknown): void {
      const list = this.#listeners
      kit.need(arguments.length, 2, 'The "type" and "listener" arguments')
      if (isCallback(callback)) unlisten(list, `${type}`, callback, !!optionsOf(options).capture)
    }

    dispatchEvent(event: unknown): boolean {
      if (!(#listeners in this)) throw kit.invalidThis('EventTarget')
      kit.need(arguments.length, 1, 'The "event" argument')
      const state = stateOf(event)
      if (!state) throw kit.invalid('The "event" argument must be an instance of Event')
      if (state.onItsWay) {
        throw kit.exception('The event is already being dispatched', 'InvalidStateError')
      }
      return dispatch(this, event as object, false)
    }
  }

  kit.expose(EventTarget, 'EventTarget')
  kit.mark((value) => listenersOf(value) !== undefined)

  return {
    EventTarget,
    listen: (target, type, callback) =>
      listen(listenersOf(target) as Listeners, type, callback, { __proto__: null } as object),
    unlisten: (target, type, callback) =>
      unlisten(listenersOf(target) as Listeners, type, callback, false),
    announce(target, type) {
      dispatch(target as EventTarget, new Event(type), true)
    },
    useSignals(given) {
      signals = given
    },
  }
}
