import type { WebKit } from './kit.js'

/** What an event knows of itself, for its target to write. */
export interface EventState {
  type: string
  target: object | null
  trusted: boolean
  onItsWay: boolean
  passive: boolean
  prevented: boolean
  stopped: boolean
  stoppedNow: boolean
}
export interface WebEvent {
  readonly Event: new (type: unknown, options?: unknown) => object
  /** What is behind an event, or nothing where it is none. */
  stateOf(event: unknown): EventState | undefined
}

/**
 * Event, without a tree: it has one target, and no other phase.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createEvent(kit: WebKit): WebEvent {
  let stateOf: WebEvent['stateOf']

  function isObject(value: unknown): value is object {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
  }

  class Event {
    readonly #bubbles: boolean
    readonly #cancelable: boolean
    readonly #composed: boolean
    readonly #timeStamp = kit.now()
    readonly #state: EventState = {
      type: '',
      target: null,
      trusted: false,
      onItsWay: false,
      passive: false,
      prevented: false,
      stopped: false,
      stoppedNow: false,
    }

    static {
      stateOf = (event) => (isObject(event) && #state in event ? event.#state : undefined)
    }

    constructor(type: unknown, options?: unknown) {
      kit.need(arguments.length, 1, 'The "type" argument')
      if (options !== undefined && !isObject(options) && options !== null) {
        throw kit.invalid('The "options" argument must be of type object')
      }
      const given = options as Record<string, unknown> | null | undefined
      this.#bubbles = !!given?.bubbles
      this.#cancelable = !!given?.cancelable
      this.#composed = !!given?.composed
      this.#state.type = `${type}`
    }

    get type(): string {
      return this.#state.type
    }

    get target(): object | null {
      return this.#state.target
    }

    get currentTarget(): object | null {
      return this.#state.onItsWay ? this.#state.target : null
    }

    get srcElement(): object | null {
      return this.#state.target
    }

    get eventPhase(): number {
      return this.#state.onItsWay ? 2 : 0
    }

    get bubbles(): boolean {
      return this.#bubbles
    }

    get cancelable(): boolean {
      return this.#cancelable
    }

    get composed(): boolean {
      return this.#composed
    }

    get timeStamp(): number {
      return this.#timeStamp
    }

    get isTrusted(): boolean {
      return this.#state.trusted
    }

    get defaultPrevented(): boolean {
      return this.#state.prevented
    }

    get returnValue(): boolean {
      return !this.#state.prevented
    }

    get cancelBubble(): boolean {
      return this.#state.stopped
    }

    set cancelBubble(value: unknown) {
      if (value) this.#state.stopped = true
    }

    composedPath(): object[] {
      const { onItsWay, target } = this.#state
      return onItsWay && target ? [target] : []
    }

    preventDefault(): void {
      if (this.#cancelable && !this.#state.passive) this.#state.prevented = true
    }

    stopPropagation(): void {
      this.#state.stopped = true
    }

    stopImmediatePropagation(): void {
      this.#state.stopped = true
      this.#state.stoppedNow = true
    }
  }

  const phases = ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE']
  for (let i = 0; i < phases.length; i++) {
    const constant = { __proto__: null, value: i, enumerable: true } as PropertyDescriptor
    kit.defineProperty(Event, phases[i] as string, constant)
    kit.defineProperty(Event.prototype, phases[i] as string, constant)
  }

  kit.expose(Event, 'Event')
  kit.mark((value) => stateOf(value) !== undefined)
  return { Event, stateOf }
}
