import { VmTimeoutError } from '../errors.js'
import { Op, type Reply, type Request } from '../wire/protocol.js'
import { Wait } from './wait.js'

/** For requests that run no script, in milliseconds. */
const CONTROL_TIMEOUT = 5000

/** `sent` covers a request that waits in the worker and one that runs there. */
export type TaskState = 'waiting' | 'sent' | 'suspended' | 'settled'

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

/** What a task has begun outside of its process. */
export interface Dependent {
  /** The task is over: it was given up, for that reason, or has its answer. */
  ownerEnded(givenUp: unknown): void
}

/** Nobody wants the result of a task any more, whose request has left. */
export interface Withdrawal {
  /** Since when, in milliseconds of `performance.now()`. */
  readonly since: number
  /** The last call that was sent before. */
  readonly lastCall: number
  /** Since when only the process itself can be why there is no reply. */
  owedSince: number | undefined
}

/** One request on its way through a slot's queue and a process, to exactly one outcome. */
export abstract class Task implements Head {
  /** The context's number on the wire. */
  readonly context: number
  readonly request: Request
  /** Run budget in milliseconds, or Infinity. */
  readonly timeout: number
  #state: TaskState = 'waiting'

  /** The one list that it is in, and its neighbours there; the list's own business. */
  list: object | undefined
  previous: Task | undefined
  next: Task | undefined

  /** The number of the call on the wire, once sent. */
  call = 0
  /** When its request left, in milliseconds of `performance.now()`; until then in the future. */
  sentAt = Number.POSITIVE_INFINITY
  /** The task that its turn is on account of, if it is another one. */
  onBehalfOf: Task | undefined
  #withdrawal: Withdrawal | undefined
  #wait: Wait | undefined
  #dependents: Set<Dependent> | undefined

  constructor(context: number, request: Request) {
    this.context = context
    this.request = request
    this.timeout = 'timeout' in request ? request.timeout : CONTROL_TIMEOUT
  }

  /** The process's reply; called once, unless `failed` is. */
  protected abstract answered(reply: Reply): void

  /** Why there is no reply; called once, unless `answered` is. */
  protected abstract failed(reason: unknown): void

  /** A reply that came after the task was settled otherwise. */
  protected late(_reply: Reply): void {}

  get state(): TaskState {
    return this.#state
  }

  get settled(): boolean {
    return this.#state === 'settled'
  }

  /** See `Wait`. */
  get deadline(): number {
    return this.#wait?.deadline ?? Number.POSITIVE_INFINITY
  }

  get withdrawal(): Withdrawal | undefined {
    return this.#withdrawal
  }

  get unwantedAt(): number | undefined {
    return this.#withdrawal?.since
  }

  sent(call: number): void {
    this.call = call
    this.#state = 'sent'
  }

  /** It waits for a promise; until `deadline`, in milliseconds of `performance.now()`. */
  suspended(deadline: number, now: number): void {
    if (this.#state === 'sent') this.#state = 'suspended'
    this.#wait ??= new Wait()
    this.#wait.begin(deadline, now)
  }

  /** Its time stands still, once it waits for a promise, until as many `release`. */
  hold(now: number): void {
    this.#wait ??= new Wait()
    this.#wait.hold(now)
  }

  release(now: number): void {
    this.#wait?.release(now)
  }

  /** Has something told when it is over. */
  addDependent(dependent: Dependent): void {
    this.#dependents ??= new Set()
    this.#dependents.add(dependent)
  }

  removeDependent(dependent: Dependent): void {
    this.#dependents?.delete(dependent)
  }

  /** Its process is told that nobody wants its result; the reply is owed all the same. */
  withdrawn(since: number, lastCall: number): void {
    this.#withdrawal ??= { since, lastCall, owedSince: undefined }
  }

  /** Settles it without a reply. */
  fail(reason: unknown): void {
    if (this.#state === 'settled') return
    this.#state = 'settled'
    this.failed(reason)
    this.#tell(reason)
  }

  /** The process's own answer: the outcome, unless the task was settled without it. */
  reply(reply: Reply): void {
    if (this.#state === 'settled') return this.late(reply)
    this.#state = 'settled'
    this.answered(reply)
    this.#tell(reply.op === Op.timeout ? new VmTimeoutError(this.timeout, 'run', true) : undefined)
  }

  #tell(givenUp: unknown): void {
    const dependents = this.#dependents
    if (!dependents) return
    this.#dependents = undefined
    for (const dependent of dependents) dependent.ownerEnded(givenUp)
  }
}

export interface Callbacks {
  /** See `Task.answered`. */
  readonly onReply: (reply: Reply) => void
  /** See `Task.failed`. */
  readonly onFailure: (reason: unknown) => void
  /** See `Task.late`. */
  readonly onLate?: (reply: Reply) => void
}

/** A task whose outcome goes to callbacks. */
export class CallbackTask extends Task {
  readonly #callbacks: Callbacks

  constructor(context: number, request: Request, callbacks: Callbacks) {
    super(context, request)
    this.#callbacks = callbacks
  }

  protected answered(reply: Reply): void {
    this.#callbacks.onReply(reply)
  }

  protected failed(reason: unknown): void {
    this.#callbacks.onFailure(reason)
  }

  protected override late(reply: Reply): void {
    this.#callbacks.onLate?.(reply)
  }
}
