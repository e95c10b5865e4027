import type { WebEvents } from './events.js'
import type { WebKit } from './kit.js'

export type SetTimer = (callback: () => void, delay: number) => unknown

export interface WebAbort {
  readonly AbortController: unknown
  readonly AbortSignal: unknown
}

/**
 * AbortController and AbortSignal.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createAbort(
  kit: WebKit,
  events: WebEvents,
  setTimer: SetTimer | undefined,
): WebAbort {
  const { apply } = kit

  interface Step {
    readonly run: () => void
    readonly next: Step | undefined
  }
  interface Dependent {
    readonly signal: AbortSignal
    next: Dependent | undefined
  }
  interface State {
    aborted: boolean
    reason: unknown
    /** What is to be done first, the last of it in front. */
    steps: Step | undefined
    /** Signals that follow this one. */
    first: Dependent | undefined
    last: Dependent | undefined
    handler: unknown
    onEvent: (() => void) | undefined
  }

  /** Who has it may make signals; no script has. */
  const permit = {}
  let stateOf: (signal: unknown) => State | undefined

  class AbortSignal extends events.EventTarget {
    readonly #state: State

    static {
      stateOf = (signal) =>
        typeof signal === 'object' && signal !== null && #state in signal
          ? signal.#state
          : undefined
    }

    constructor(given?: unknown) {
      if (given !== permit)
        throw kit.nodeError(kit.TypeErrorOf, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor')
      super()
      this.#state = {
        aborted: false,
        reason: undefined,
        steps: undefined,
        first: undefined,
        last: undefined,
        handler: null,
        onEvent: undefined,
      }
    }

    get aborted(): boolean {
      return this.#state.aborted
    }

    get reason(): unknown {
      return this.#state.reason
    }

    get onabort(): unknown {
      return this.#state.handler
    }

    set onabort(value: unknown) {
      const state = this.#state
      const isHandler = typeof value === 'function' || (typeof value === 'object' && value !== null)
      state.handler = isHandler ? value : null
      if (isHandler && !state.onEvent) {
        // In the place of the first handler, whichever it is by then.
        state.onEvent = (...given: unknown[]) => {
          if (typeof state.handler === 'function') apply(state.handler, this, given)
        }
        events.listen(this, 'abort', state.onEvent)
      } else if (!isHandler && state.onEvent) {
        events.unlisten(this, 'abort', state.onEvent)
        state.onEvent = undefined
      }
    }

    throwIfAborted(): void {
      if (this.#state.aborted) throw this.#state.reason
    }

    static abort(reason?: unknown): AbortSignal {
      const signal = create()
      const state = signal.#state
      state.aborted = true
      state.reason = reasonOf(reason)
      return signal
    }

    static timeout(delay: unknown): AbortSignal {
      const wait = delayOf(delay)
      const signal = create()
      ;(setTimer as SetTimer)(() => {
        abort(signal, kit.exception('The operation was aborted due to timeout', 'TimeoutError'))
      }, wait)
      return signal
    }

    static any(signals: Iterable<unknown>): AbortSignal {
      const result = create()
      const all = new kit.SetOf()
      for (const signal of signals) {
        if (!stateOf(signal)) {
          throw kit.invalid('The "signals" argument must hold nothing but instances of AbortSignal')
        }
        kit.setAdd(all, signal)
      }
      kit.setEach(all, (signal) => follow(result, stateOf(signal) as State))
      return result
    }
  }

  function delayOf(delay: unknown): number {
    if (typeof delay !== 'number') {
      throw kit.invalid('The "delay" argument must be of type number')
    }
    if (!(delay >= 0 && delay <= 9007199254740991) || delay % 1 !== 0) {
      throw kit.nodeError(
        kit.RangeErrorOf,
        'ERR_OUT_OF_RANGE',
        'The value of "delay" is out of range. It must be an integer of at least 0',
      )
    }
    return delay
  }

  function create(): AbortSignal {
    return new AbortSignal(permit)
  }

  function reasonOf(reason: unknown): unknown {
    return reason === undefined ? kit.exception('This operation was aborted', 'AbortError') : reason
  }

  function follow(signal: AbortSignal, source: State): void {
    const state = stateOf(signal) as State
    if (state.aborted) return
    if (source.aborted) {
      state.aborted = true
      state.reason = source.reason
      return
    }
    const dependent: Dependent = { signal, next: undefined }
    if (source.last) source.last.next = dependent
    else source.first = dependent
    source.last = dependent
  }

  function abort(signal: AbortSignal, reason: unknown): void {
    const state = stateOf(signal) as State
    if (state.aborted) return
    settle(state, reason)
    // All are aborted before any of them says so.
    let first: Dependent | undefined
    let last: Dependent | undefined
    function take(from: State): void {
      for (let it = from.first; it; it = it.next) {
        const following = stateOf(it.signal) as State
        if (following.aborted) continue
        settle(following, reason)
        const dependent: Dependent = { signal: it.signal, next: undefined }
        if (last) last.next = dependent
        else first = dependent
        last = dependent
        take(following)
      }
      from.first = undefined
      from.last = undefined
    }
    take(state)
    announce(signal)
    for (let it = first; it; it = it.next) announce(it.signal)
  }

  function settle(state: State, reason: unknown): void {
    state.aborted = true
    state.reason = reason
  }

  function announce(signal: AbortSignal): void {
    const state = stateOf(signal) as State
    let { steps } = state
    state.steps = undefined
    for (; steps; steps = steps.next) steps.run()
    events.announce(signal, 'abort')
  }

  class AbortController {
    readonly #signal = create()

    get signal(): AbortSignal {
      return this.#signal
    }

    abort(reason?: unknown): void {
      abort(this.#signal, reasonOf(reason))
    }
  }

  if (!setTimer) kit.deleteProperty(AbortSignal, 'timeout')
  kit.expose(AbortSignal, 'AbortSignal')
  kit.expose(AbortController, 'AbortController')
  events.useSignals({
    isSignal: (value) => stateOf(value) !== undefined,
    isAborted: (signal) => stateOf(signal)?.aborted === true,
    whenAborted: (signal, run) => {
      const state = stateOf(signal) as State
      state.steps = { run, next: state.steps }
    },
  })

  return { AbortController, AbortSignal }
}
