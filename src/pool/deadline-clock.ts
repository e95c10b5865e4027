import type { Channel } from './channel.js'
import type { Head, Task } from './task.js'

/** A timer that is later than this, in milliseconds, says more of this program than of a process. */
const STALL = 100

/** Between two orders to end a turn that nobody wants, in milliseconds. */
const UNWANTED_STEP = 20
/**
 * What a turn that nobody wants, and that can't be ended, may go on for, in milliseconds; or what is
 * left of its budget, if that is less. It costs its neighbours less than the end of their process.
 */
const PATIENCE = 1000

export interface DeadlineClockOptions {
  readonly channel: Channel
  /** The current time in milliseconds, monotonic. */
  readonly now: () => number
  /** How long the process may take to end an overdue turn by itself, in milliseconds. */
  readonly grace: number
  /** The process takes longer over that turn than its budget and the grace. */
  readonly onOverdue: (overdue: Head | undefined) => void
  /** The turn is that of a task which was withdrawn. */
  readonly onUnwanted: (head: Head) => void
  /** The budget of this task ran out while it waited for a promise. */
  readonly onExpired: (task: Task) => void
}

/**
 * The service's own clock over one process: one timer for the nearest deadline, however many
 * tasks there are, so that a call costs no timer. It never keeps a program alive.
 */
export class DeadlineClock {
  readonly #options: DeadlineClockOptions
  #timer: NodeJS.Timeout | undefined
  #due = Number.POSITIVE_INFINITY
  #excused = false

  constructor(options: DeadlineClockOptions) {
    this.#options = options
  }

  /** Takes note of a budget that begins now or later. */
  watch(timeout: number): void {
    if (timeout !== Number.POSITIVE_INFINITY) this.#arm(this.#options.now() + timeout)
  }

  /** Looks again now: budgets have changed. */
  review(): void {
    this.#arm(this.#options.now())
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#due = Number.NEGATIVE_INFINITY
  }

  #arm(due: number): void {
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    // Replies may already lie in the socket while timers run: those count as in time. The
    // event loop reads sockets between its timers and its immediates.
    this.#timer = setTimeout(
      () => setImmediate(() => this.#check()),
      Math.min(Math.max(0, due - this.#options.now()), 0x7fff_ffff),
    ).unref()
  }

  #check(): void {
    if (this.#due === Number.NEGATIVE_INFINITY) return
    const late = this.#options.now() - this.#due
    this.#due = Number.POSITIVE_INFINITY
    // This program itself was held up, and may not have sent what it counts: one more round, but
    // only one, or a program that is busy all the time would keep to no deadline.
    this.#excused = late > STALL && !this.#excused
    if (this.#excused) return this.#arm(this.#options.now() + STALL)
    const { channel, now, grace, onOverdue, onUnwanted, onExpired } = this.#options
    const time = now()
    const head = channel.head()
    let next = Number.POSITIVE_INFINITY
    if (head) {
      const start = channel.startOf(head)
      const unwanted = head.unwantedAt
      // A turn that nobody asked for is nobody's fault.
      let due = start + head.timeout + (head.call === 0 ? Math.max(grace, STALL) : grace)
      if (unwanted !== undefined) {
        due = Math.min(due, Math.max(start, unwanted) + PATIENCE + grace)
        // Time and again: its turn may begin only after the watchdog was told.
        onUnwanted(head)
        next = time + UNWANTED_STEP
      }
      if (due <= time) return onOverdue(head)
      next = Math.min(next, due)
    }
    const oldest = channel.oldest()
    const isAhead = head !== oldest
    if (oldest && isAhead) {
      const due = channel.startOf(oldest) + oldest.timeout + grace
      // What is said to be ahead of it is no excuse.
      if (due <= time) return onOverdue(oldest)
      next = Math.min(next, due)
    }
    const patience = Math.max(grace, STALL)
    for (const task of channel.suspendedTasks()) {
      if (!task.settled) {
        if (task.deadline <= time) onExpired(task)
        next = Math.min(next, task.deadline > time ? task.deadline : time + patience)
        continue
      }
      // Time and again: a turn on its account may begin only after the watchdog was told.
      onUnwanted(task)
      next = Math.min(next, time + UNWANTED_STEP)
      const { withdrawal } = task
      // All are withdrawn, but for those that a service settles just before it ends the process.
      if (withdrawal) {
        if (channel.isHeld) withdrawal.owedSince = undefined
        else if (channel.owes(withdrawal)) withdrawal.owedSince ??= time
      }
      // It may have to wait for the turn under way, if that was not asked for.
      const due = (withdrawal?.owedSince ?? time) + patience + (isAhead && head ? head.timeout : 0)
      if (due <= time) return onOverdue(head)
      next = Math.min(next, due)
    }
    for (const task of channel.runningTasks()) {
      if (task === head) continue
      next = Math.min(next, time + (task.unwantedAt === undefined ? task.timeout + grace : STALL))
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
  }
}
