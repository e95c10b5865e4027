import { FrameError } from '../wire/framing.js'

/**
 * Events that a process may send at once, and for each millisecond. An honest one sends one for each call
 * that takes noticeable time and for each host call, one for all that a turn prints between two of those, one
 * for a timer, and two for each context that is made in advance and each that goes, at some ten microseconds'
 * work; and all contexts may go at once. Eighty thousand fit into its window of a mebibyte while this program
 * is busy. A process that sends thirteen bytes over and over makes several millions a second.
 */
const BURST = 100_000
const RATE = 200

/**
 * Replies are bounded by requests; what comes unasked, by time: no process may keep the service
 * busy with events for ever.
 */
export class EventBudget {
  readonly #now: () => number
  #left = BURST
  #filledAt: number

  /** `now` is in milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now
    this.#filledAt = now()
  }

  /** Takes note of one event. Throws `FrameError` when there were too many. */
  spend(): void {
    if (this.#left-- > 0) return
    // The clock is asked only now and then.
    const time = this.#now()
    this.#left = Math.min(BURST, Math.floor((time - this.#filledAt) * RATE))
    this.#filledAt = time
    if (this.#left <= 0) {
      throw new FrameError(`expected at most ${RATE} events in a millisecond, got more`)
    }
  }
}
