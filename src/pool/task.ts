import type { Reply, Request } from '../wire/protocol.js'

/** For requests that run no script, in milliseconds. */
const CONTROL_TIMEOUT = 5000

/** `sent` covers a request that waits in the worker and one that runs there. */
export type TaskState = 'waiting' | 'sent' | 'suspended' | 'settled'

export interface TaskOptions {
  /** The context's number on the wire. */
  readonly context: number
  readonly request: Request
  /** The process's reply; called once, unless `onFailure` is. */
  readonly onReply: (reply: Reply) => void
  /** Why there is no reply; called once, unless `onReply` is. */
  readonly onFailure: (reason: unknown) => void
  /** Called with a reply that came after the task was settled otherwise. */
  readonly onLate?: (reply: Reply) => void
}

/** What a process is in the turn of. */
export interface Head {
  /** The number of the call on the wire; 0 for a turn that no task was sent for. */
  readonly call: number
  /** The context's number on the wire. */
  readonly context: number
  /** Run budget in milliseconds, or Infinity. */
  readonly timeout: number
  /** When it was sent, in milliseconds of `performance.now()`. */
  readonly sentAt: number
  /** Since when nobody wants its result any more, though it was sent. */
  readonly unwantedAt: number | undefined
}

/** One request on its way through a slot's queue and a process, to exactly one outcome. */
export class Task implements Head {
  readonly context: number
  readonly request: Request
  /** Run budget in milliseconds, or Infinity. */
  readonly timeout: number
  readonly #options: TaskOptions
  #state: TaskState = 'waiting'

  /** The number of the call on the wire, once sent. */
  call = 0
  /** When its request left, in milliseconds of `performance.now()`; until then in the future. */
  sentAt = Number.POSITIVE_INFINITY
  /** Since when nobody wants its result any more, though it was sent. */
  unwantedAt: number | undefined
  /** The last call that was sent before its withdrawal. */
  withdrawnAfter = 0
  /** Since when only the process itself can be why a withdrawn task has no reply. */
  owedSince: number | undefined
  /** When a suspended task must have ended, in milliseconds of `performance.now()`. */
  deadline = Number.POSITIVE_INFINITY

  constructor(options: TaskOptions) {
    this.context = options.context
    this.request = options.request
    this.timeout = 'timeout' in options.request ? options.request.timeout : CONTROL_TIMEOUT
    this.#options = options
  }

  get state(): TaskState {
    return this.#state
  }

  get settled(): boolean {
    return this.#state === 'settled'
  }

  sent(call: number): void {
    this.call = call
    this.#state = 'sent'
  }

  suspended(deadline: number): void {
    this.deadline = deadline
    if (this.#state === 'sent') this.#state = 'suspended'
  }

  /** Its process is told that nobody wants its result; the reply is owed all the same. */
  withdrawn(lastCall: number): void {
    if (this.withdrawnAfter === 0) this.withdrawnAfter = lastCall
  }

  /** Settles it without a reply. */
  fail(reason: unknown): void {
    if (this.#state === 'settled') return
    this.#state = 'settled'
    this.#options.onFailure(reason)
  }

  /** The process's own answer: the outcome, unless the task was settled without it. */
  reply(reply: Reply): void {
    if (this.#state === 'settled') return this.#options.onLate?.(reply)
    this.#state = 'settled'
    this.#options.onReply(reply)
  }
}
