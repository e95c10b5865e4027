import type { DeadlineCell } from './deadline-cell.js'

/** Turns shorter than this, in milliseconds, are put together with what follows them. */
const RESOLUTION = 0.5
/** The share of the limit past which turns of different contexts are no longer put together. */
const EXACT = 0.75
/** No context's number. */
const NOBODY = -1
/** Growth in bytes that a long turn is charged with also when short ones of others preceded it. */
const LARGE = 1024 * 1024
/** Growth is counted in bytes again before numbers get too large. */
const SMALLEST_UNIT = 1e-6

/**
 * Who made the process grow: the main thread reads resident memory now and then when it leaves a
 * turn, and puts what came on top down to that turn's context. The watchdog is told the total at
 * that time and the context with the most, and knows the rest: what the turn under way has added
 * since.
 *
 * A reading takes a few microseconds, about as much as a short turn, so that several of those share
 * one. What turns of several contexts have added together is nobody's, or one could hide behind
 * another's longer turns; and where memory gets short, each has a reading of its own.
 */
export class MemoryLedger {
  readonly #cell: DeadlineCell
  readonly #read: () => number
  readonly #limit: number
  /**
   * What each context has made the process grow by, in units of so many bytes: what is collected shrinks
   * all shares alike, and there can be thousands.
   */
  readonly #growth = new Map<number, number>()
  #unit = 1
  /** The context with the most of it, if any has some, and how much. */
  #top = 0
  #most = 0
  #base: number
  #readAt = 0
  /** The context of the turn under way, or of the last one, unless it is gone. */
  #context = 0
  #enteredAt = 0
  /** Turns have been left since the last reading; and not all of them were of one context. */
  #unread = false
  #mixed = false

  /** `read` gives resident memory, of which there should be at most `limit`; both in bytes. */
  constructor(cell: DeadlineCell, read: () => number, limit: number) {
    this.#cell = cell
    this.#read = read
    this.#limit = limit
    this.#base = read()
    this.#publish()
  }

  /** A turn of a context begins; `now` in milliseconds of `performance.now()`. */
  entered(context: number, now: number): void {
    this.#enteredAt = now
    if (context !== this.#context && this.#unread) {
      if (this.#base > this.#limit * EXACT) this.charge()
      else this.#mixed = true
    }
    this.#context = context
  }

  /** The turn has been left. Returns how long it took, in milliseconds. */
  left(now: number): number {
    this.#unread = true
    const took = now - this.#enteredAt
    if (now - this.#readAt >= RESOLUTION) {
      this.#readAt = now
      this.charge(took >= RESOLUTION)
    }
    return took
  }

  /** Puts what came on top since the last reading down to the context, if it can be its doing. */
  charge(long = true): void {
    const rss = this.#read()
    const delta = rss - this.#base
    const own = !this.#mixed || (long && delta >= LARGE)
    this.#unread = false
    this.#mixed = false
    if (delta === 0) return
    if (delta < 0) {
      // What was collected was somebody's: everyone's share shrinks alike.
      this.#shrink(rss / this.#base)
    } else if (own && this.#context !== NOBODY) {
      this.#add(this.#context, delta / this.#unit)
    }
    this.#base = rss
    this.#publish()
  }

  /** A share of what one context has grown by is another's from here on. */
  move(from: number, to: number, share: number): void {
    const growth = (this.#growth.get(from) ?? 0) * share
    if (growth === 0) return
    this.#add(from, -growth)
    this.#add(to, growth)
    if (from === this.#top) this.#findTop()
    this.#publish()
  }

  /** A context is gone. */
  forget(context: number): void {
    // Or what it left to be read would be put down to it once more.
    if (context === this.#context) this.#context = NOBODY
    if (!this.#growth.delete(context)) return
    if (context !== this.#top) return
    this.#findTop()
    this.#publish()
  }

  #add(context: number, growth: number): void {
    const sum = (this.#growth.get(context) ?? 0) + growth
    this.#growth.set(context, sum)
    if (sum <= this.#most) return
    this.#top = context
    this.#most = sum
  }

  #shrink(kept: number): void {
    this.#unit *= kept
    if (this.#unit > SMALLEST_UNIT) return
    for (const [context, growth] of this.#growth) this.#growth.set(context, growth * this.#unit)
    this.#most *= this.#unit
    this.#unit = 1
  }

  #findTop(): void {
    this.#top = 0
    this.#most = 0
    for (const [context, growth] of this.#growth) {
      if (growth <= this.#most) continue
      this.#most = growth
      this.#top = context
    }
  }

  #publish(): void {
    this.#cell.recordMemory(this.#base, this.#top, this.#most * this.#unit)
  }
}
