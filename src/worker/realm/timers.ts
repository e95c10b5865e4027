/**
 * The timers of a context. They fire in turns, which the service begins: all that happens in here is to
 * remember who wants to be called, and when. Times are milliseconds of the worker's clock.
 *
 * `createTimers` is carried into contexts as source text: it refers to nothing outside itself, and
 * captures the intrinsics it needs before any script runs.
 */

/** What the worker sees of them. */
export interface Clock {
  /** Milliseconds until a timer is due; -1 when that is known already, or there is none. */
  wanted(now: number): number
  /** The service has done what it was asked for: it is to be asked again. */
  woken(): void
  /** Has the timer that is due next in hand: on whose account it was set. -1 when none is due. */
  due(now: number): number
  /** Calls what the timer in hand is for; unless it goes with its call, and that is over. */
  fire(isOwned: boolean): void
  /** That has gone well, its microtasks included: it is called again if it is to be. */
  done(now: number): void
  /** Drops what was set on account of a call that is over. */
  release(owner: number): void
}

export interface TimerFunctions {
  setTimeout(callback: unknown, delay?: unknown, ...args: unknown[]): number
  setInterval(callback: unknown, delay?: unknown, ...args: unknown[]): number
  clearTimeout(id?: unknown): void
  clearInterval(id?: unknown): void
}

export interface TimerOptions {
  /** Timers that a context may have. */
  readonly maxTimers: number
  /** Whether a timer goes with the call that set it. */
  readonly ofCalls: boolean
}

export interface TimerParts extends TimerOptions {
  now(): number
  /** The call on whose account the turn is; 0 for none, -1 for one that was given up. */
  account(): number
  uncaught(error: unknown): void
}

export function createTimers({ maxTimers, ofCalls, now: time, account, uncaught }: TimerParts): {
  clock: Clock
  functions: TimerFunctions
} {
  const { apply } = Reflect
  const MapOf = Map
  const PromiseOf = Promise
  const { then } = Promise.prototype
  const { get, set, delete: remove } = Map.prototype
  const TypeErrorOf = TypeError
  const RangeErrorOf = RangeError
  const NumberOf = Number
  const { setPrototypeOf } = Object
  const { ceil } = Math
  /** As elsewhere: what is longer, or no number, is as short as can be. */
  const LONGEST = 0x7fff_ffff

  interface Timer {
    readonly id: number
    due: number
    /** Of two that are due at a time, the one that was set first comes first. */
    order: number
    /** Milliseconds between two firings, or -1 for a single one. */
    readonly interval: number
    readonly owner: number
    readonly callback: (...args: unknown[]) => unknown
    readonly args: unknown[]
    isGone: boolean
  }

  const byId = new MapOf<number, Timer>()
  /** A binary heap; those that are gone stay in it until they come up, or until they are most of it. */
  let heap = bare()
  let alive = 0
  let lastId = 0
  let orders = 0
  /** When the service was last asked to wake this context, or -1. */
  let asked = -1
  let inHand: Timer | undefined

  /** Without a prototype: a setter there, of a script's, would get the list itself as its receiver. */
  function bare(): Timer[] {
    return setPrototypeOf([], null) as Timer[]
  }

  function isBefore(a: Timer, b: Timer): boolean {
    return a.due < b.due || (a.due === b.due && a.order < b.order)
  }

  function push(timer: Timer): void {
    let at = heap.length
    heap[at] = timer
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Timer
      if (isBefore(above, timer)) return
      heap[at] = above
      heap[parent] = timer
      at = parent
    }
  }

  function sink(timer: Timer): void {
    let at = 0
    const size = heap.length
    for (;;) {
      let child = at * 2 + 1
      if (child >= size) break
      if (child + 1 < size && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++
      if (isBefore(timer, heap[child] as Timer)) break
      heap[at] = heap[child] as Timer
      at = child
    }
    heap[at] = timer
  }

  function pop(): void {
    const tail = heap[heap.length - 1] as Timer
    heap.length--
    if (heap.length > 0) sink(tail)
  }

  /** The timer that is due first. */
  function earliest(): Timer | undefined {
    while (heap.length > 0 && (heap[0] as Timer).isGone) pop()
    return heap[0]
  }

  function end(timer: Timer): void {
    if (timer.isGone) return
    timer.isGone = true
    apply(remove, byId, [timer.id])
    alive--
    if (heap.length > 64 && alive * 4 < heap.length) {
      const old = heap
      heap = bare()
      for (let i = 0; i < old.length; i++) {
        const kept = old[i] as Timer
        if (!kept.isGone) push(kept)
      }
    }
  }

  function delayOf(delay: unknown): number {
    const given = NumberOf(delay)
    return given >= 1 && given <= LONGEST ? given : 1
  }

  function start(callback: unknown, delay: unknown, repeats: boolean, args: unknown[]): number {
    if (typeof callback !== 'function') throw new TypeErrorOf('a timer needs a function to call')
    const interval = delayOf(delay)
    if (alive >= maxTimers) throw new RangeErrorOf(`more than ${maxTimers} timers at a time`)
    const id = ++lastId
    const owner = account()
    // Nobody's call, or one that was given up: it would go at once.
    if (owner < 0 || (ofCalls && owner === 0)) return id
    const timer: Timer = {
      __proto__: null,
      id,
      due: time() + interval,
      order: ++orders,
      interval: repeats ? interval : -1,
      owner,
      callback: callback as Timer['callback'],
      args,
      isGone: false,
    } as Timer
    alive++
    apply(set, byId, [id, timer])
    push(timer)
    return id
  }

  function stop(id: unknown): void {
    const timer = apply(get, byId, [id]) as Timer | undefined
    if (timer) end(timer)
  }

  /** What an asynchronous callback ends with is as lost as what another throws. */
  function watch(result: unknown): void {
    if (result instanceof PromiseOf) apply(then, result, [undefined, uncaught])
  }

  const clock: Clock = {
    __proto__: null,
    wanted(now: number) {
      const next = earliest()
      if (!next || (asked >= 0 && asked <= next.due)) return -1
      asked = next.due
      const left = ceil(next.due - now)
      return left > 0 ? left : 0
    },
    woken() {
      asked = -1
    },
    due(now: number) {
      // It was cut short: it is not called again.
      if (inHand) end(inHand)
      inHand = undefined
      const next = earliest()
      if (!next || next.due > now) return -1
      pop()
      inHand = next
      return next.owner
    },
    fire(isOwned: boolean) {
      const timer = inHand as Timer
      const isOver = ofCalls && !isOwned
      if (isOver || timer.interval < 0) end(timer)
      try {
        if (!isOver) watch(apply(timer.callback, globalThis, timer.args))
      } catch (error) {
        uncaught(error)
      }
    },
    done(now: number) {
      const timer = inHand as Timer
      inHand = undefined
      if (timer.isGone) return
      timer.due = now + timer.interval
      timer.order = ++orders
      push(timer)
    },
    release(owner: number) {
      if (alive === 0 || !ofCalls) return
      const all = heap
      for (let i = 0; i < all.length; i++) {
        const timer = all[i] as Timer
        if (timer.owner === owner) end(timer)
      }
    },
  } as Clock

  const functions: TimerFunctions = {
    setTimeout(callback: unknown, delay: unknown, ...args: unknown[]) {
      return start(callback, delay, false, args)
    },
    setInterval(callback: unknown, delay: unknown, ...args: unknown[]) {
      return start(callback, delay, true, args)
    },
    clearTimeout(id: unknown) {
      stop(id)
    },
    clearInterval(id: unknown) {
      stop(id)
    },
  }
  return { clock, functions }
}
