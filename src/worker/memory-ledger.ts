import type { DeadlineCell } from './deadline-cell.js'

/** Turns shorter than this, in milliseconds, are put together with what follows them. */
const RESOLUTION = 0.5

/**
 * Who made the process grow: the main thread reads resident memory when it leaves a turn, and
 * puts what came on top down to that turn's context. The watchdog is told the total at that time
 * and the context with the most, and knows the rest: what the turn under way has added since.
 */
export class MemoryLedger {
  readonly #cell: DeadlineCell
  readonly #read: () => number
  readonly #growth = new Map<number, number>()
  #base: number
  #readAt = 0

  /** `read` gives resident memory in bytes. */
  constructor(cell: DeadlineCell, read: () => number) {
    this.#cell = cell
    this.#read = read
    this.#base = read()
    this.#publish()
  }

  /** A turn of a context has been left. A reading costs microseconds: short turns share one. */
  left(context: number): void {
    const now = performance.now()
    if (now - this.#readAt < RESOLUTION) return
    this.#readAt = now
    this.charge(context)
  }

  /** Puts what came on top since the last reading down to a context. */
  charge(context: number): void {
    const rss = this.#read()
    const delta = rss - this.#base
    if (delta === 0) return
    if (delta > 0) {
      this.#growth.set(context, (this.#growth.get(context) ?? 0) + delta)
    } else {
      // What was collected was somebody's: everyone's share shrinks alike.
      const kept = rss / this.#base
      for (const [each, bytes] of this.#growth) this.#growth.set(each, bytes * kept)
    }
    this.#base = rss
    this.#publish()
  }

  /** A context is gone. */
  forget(context: number): void {
    if (this.#growth.delete(context)) this.#publish()
  }

  #publish(): void {
    let top = 0
    let most = 0
    for (const [context, bytes] of this.#growth) {
      if (bytes <= most) continue
      most = bytes
      top = context
    }
    this.#cell.recordMemory(this.#base, top, most)
  }
}
