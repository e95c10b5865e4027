import { FrameError } from '../wire/framing.js'
import { LONGEST_ASIDE } from '../wire/protocol.js'
import type { Head } from './task.js'

/** What turns aside may put the oldest task off by, in milliseconds. */
const LONGEST_DELAY = LONGEST_ASIDE + 1000

/**
 * What a turn that asks its host over and over may take beyond its budget, for the time that questions and
 * answers are on their way: so many times the budget, and so many milliseconds.
 */
const MOST_BESIDES = 9
const LONGEST_BESIDES = 5000

/** Since when a process is in the turn it is in, from what it says of the turns before. */
export class TurnClock {
  readonly #now: () => number
  /** The turn under way that no task was sent for, ahead of all tasks. */
  #aside: Head | undefined
  /** When the last of those was over. */
  #asideEndedAt = 0
  /** When the process was last through with the oldest task, or let it wait for a promise. */
  #servedAt = 0

  /** How long the process has waited for its host since then; and since when it does, if it does. */
  #held = 0
  /** What of that was granted on its word. */
  #besides = 0
  #heldSince: number | undefined

  /** `now` is in milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now
  }

  get aside(): Head | undefined {
    return this.#aside
  }

  /** The process is through with the oldest task. */
  served(): void {
    this.#servedAt = this.#now()
    this.#held = 0
    this.#besides = 0
    if (this.#heldSince !== undefined) this.#heldSince = this.#servedAt
  }

  /** Whether the process waits for its host. */
  get isHeld(): boolean {
    return this.#heldSince !== undefined
  }

  /**
   * The process waits for its host: its time stands still. It says that the turn has `used` so much of its
   * budget, in milliseconds; what has passed besides is this program's doing, up to a bound.
   */
  hold(used: number, head: Head | undefined): void {
    const now = this.#now()
    if (head) {
      const besides = now - used - this.startOf(head)
      const most = head.timeout * MOST_BESIDES + LONGEST_BESIDES - this.#besides
      const granted = Math.max(0, Math.min(besides, most))
      this.#besides += granted
      this.#held += granted
    }
    this.#heldSince = now
  }

  release(): void {
    if (this.#heldSince !== undefined) this.#held += this.#now() - this.#heldSince
    this.#heldSince = undefined
  }

  /**
   * When the turn of the head or of the oldest task began. Turns aside put the oldest off, but no
   * longer than honest ones could: nobody's time stands still because a process claims to be busy with
   * something else.
   */
  startOf(head: Head): number {
    const waiting = this.#heldSince === undefined ? 0 : this.#now() - this.#heldSince
    const since = Math.max(head.sentAt, this.#servedAt) + this.#held + waiting
    if (head === this.#aside) return since
    const asideUntil = this.#aside ? this.#now() : this.#asideEndedAt
    return Math.max(since, Math.min(asideUntil, since + LONGEST_DELAY))
  }

  /** Nobody asked for that turn, but it is one: what ends the process then was its doing. */
  beginAside(context: number, timeout: number): Head {
    if (this.#aside) throw new FrameError('expected one turn at a time, got another')
    if (timeout > LONGEST_ASIDE) {
      throw new FrameError(`expected a turn of at most ${LONGEST_ASIDE} ms, got ${timeout}`)
    }
    // What no task has waited for counts for none.
    if (this.#heldSince === undefined) this.#held = 0
    this.#aside = { call: 0, context, timeout, sentAt: this.#now(), unwantedAt: undefined }
    return this.#aside
  }

  endAside(context: number): void {
    if (this.#aside?.context !== context) {
      throw new FrameError(`expected the end of the turn under way, got that of ${context}`)
    }
    this.#aside = undefined
    this.#asideEndedAt = this.#now()
  }
}
