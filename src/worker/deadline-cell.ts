/**
 * What the main thread and the watchdog of a worker share: which turn is under way, and when it
 * must have ended. Leaving a turn and ending it are decided by one compare-and-swap on the same
 * word, so that an ending can never hit a later turn.
 *
 * Times are whole milliseconds of the system's monotonic clock, modulo 2^32: differences are
 * right as long as they stay under 24 days.
 */

/** The number of the turn under way; 0 between turns; negative once the watchdog claimed it. */
const TURN = 0
const DEADLINE = 1
/** When the watchdog looks again, or `ASLEEP`. */
const WAKE_AT = 2
const SLEEPING = 3
/** The context of the turn under way, or of the last one. */
const CONTEXT = 4
/** Resident memory when the last turn was left, in KiB; who grew most, and by how many KiB. */
const BASE = 5
const TOP = 6
const TOP_GROWTH = 7
/** The call of the turn under way, or of the last one. */
const CALL = 8
/** The call on whose account that is, if it is another one; and one that nobody waits for any more. */
const OWNER = 9
const UNWANTED = 10
const WORDS = 11
const KIB = 1024

/** The longest budget that is kept to, in milliseconds: 12 days. */
const LONGEST = 2 ** 30
const LAST_TURN = 2 ** 31 - 1

const NS_PER_MS = 1e6
// Threads count `performance.now` from different origins, but by the same clock. A thread that
// is held up between the two readings gets too small a difference: the largest is right.
const origin = Math.max(
  ...Array.from(
    { length: 8 },
    () => Number(process.hrtime.bigint()) / NS_PER_MS - performance.now(),
  ),
)

/** Milliseconds of the system's monotonic clock: the same in every thread. */
export function monotonic(): number {
  return origin + performance.now()
}

export class DeadlineCell {
  readonly shared: SharedArrayBuffer
  readonly #words: Int32Array
  #last = 0

  constructor(shared = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared
    this.#words = new Int32Array(shared)
  }

  /**
   * Main thread: begins a turn of at most `timeout` ms. True when the watchdog has to be rung,
   * because it would look too late by itself. `now` is in milliseconds of `performance.now()`.
   */
  enter(timeout: number, context: number, call = 0, now = performance.now(), owner = 0): boolean {
    this.#last = this.#last === LAST_TURN ? 1 : this.#last + 1
    const deadline = Math.ceil(origin + now + Math.min(timeout, LONGEST)) | 0
    Atomics.store(this.#words, CONTEXT, context)
    Atomics.store(this.#words, CALL, call)
    Atomics.store(this.#words, OWNER, owner)
    Atomics.store(this.#words, DEADLINE, deadline)
    Atomics.store(this.#words, TURN, this.#last)
    return (
      Atomics.load(this.#words, SLEEPING) === 1 ||
      ((deadline - Atomics.load(this.#words, WAKE_AT)) | 0) < 0
    )
  }

  /** Main thread: ends the turn; false when the watchdog was first, whose ending is on its way. */
  leave(): boolean {
    return Atomics.compareExchange(this.#words, TURN, this.#last, 0) === this.#last
  }

  /** Main thread: takes note that the turn was ended by the watchdog. */
  clear(): void {
    Atomics.store(this.#words, TURN, 0)
  }

  /** Main thread: what has been found out about memory, in bytes. */
  recordMemory(base: number, top: number, growth: number): void {
    Atomics.store(this.#words, BASE, base / KIB)
    Atomics.store(this.#words, TOP, top)
    Atomics.store(this.#words, TOP_GROWTH, growth / KIB)
  }

  /** Watchdog: what the main thread recorded, in bytes. */
  memory(): { base: number; top: number; growth: number } {
    return {
      base: Atomics.load(this.#words, BASE) * KIB,
      top: Atomics.load(this.#words, TOP) >>> 0,
      growth: Atomics.load(this.#words, TOP_GROWTH) * KIB,
    }
  }

  /** Watchdog: the turn under way, or 0. */
  turn(): number {
    return Math.max(0, Atomics.load(this.#words, TURN))
  }

  /** Watchdog: whether a turn that it claimed has not unwound yet. */
  isClaimed(): boolean {
    return Atomics.load(this.#words, TURN) < 0
  }

  /** Watchdog: the context of the turn under way, or of the last one. */
  context(): number {
    return Atomics.load(this.#words, CONTEXT) >>> 0
  }

  /** Watchdog: the call of the turn under way, or of the last one. */
  call(): number {
    return Atomics.load(this.#words, CALL) >>> 0
  }

  /** Watchdog: nobody waits for that call any more. */
  setUnwanted(call: number): void {
    Atomics.store(this.#words, UNWANTED, call)
  }

  /** Whether nobody waits for what the turn under way, or the last one, is for. */
  isUnwanted(): boolean {
    const unwanted = Atomics.load(this.#words, UNWANTED)
    if (unwanted === 0) return false
    return (
      unwanted === Atomics.load(this.#words, CALL) || unwanted === Atomics.load(this.#words, OWNER)
    )
  }

  /** Watchdog: milliseconds until the turn under way must have ended. */
  remaining(): number {
    return (Atomics.load(this.#words, DEADLINE) - Math.floor(monotonic())) | 0
  }

  /** Watchdog: makes a turn its own to end; false when it was left or followed by another. */
  claim(turn: number): boolean {
    return Atomics.compareExchange(this.#words, TURN, turn, -turn) === turn
  }

  /** Watchdog: announces that it looks again in `delay` ms. */
  wakeIn(delay: number): void {
    Atomics.store(this.#words, WAKE_AT, Math.ceil(monotonic() + delay) | 0)
    Atomics.store(this.#words, SLEEPING, 0)
  }

  /** Watchdog: announces that it looks again only when rung. */
  sleep(): void {
    Atomics.store(this.#words, SLEEPING, 1)
  }
}
