import type { Logger } from 'pino'
import { LONGEST } from './checks.js'
import type { ContextRecord } from './directory.js'
import { type CallMail, HostCall, type HostCallOwner } from './host-call.js'
import type { NamedFunction } from './host-functions.js'
import type { Marshal } from './marshal.js'
import type { HostCallLimits } from './options.js'
import { CallbackTask, type Task } from './pool/task.js'
import { Resumptions } from './resumptions.js'
import { keyOf } from './ring/hash-ring.js'
import { FrameError } from './wire/framing.js'
import { type HostOutcome, Op } from './wire/protocol.js'

export interface GuestOptions {
  /** Functions of the host that all contexts have. */
  readonly functions: readonly NamedFunction[]
  readonly limits: Required<HostCallLimits>
  readonly marshal: Marshal
  readonly logger: Logger
  /** The most bytes that a resumption may carry, but for its first result. */
  readonly maxSize: number
}

/** What one context wants of its host. */
export class Guest implements HostCallOwner {
  readonly contextId: string
  readonly key: string
  readonly timeout: number
  readonly #record: ContextRecord
  readonly #options: GuestOptions
  readonly #functions: readonly NamedFunction[]
  readonly #calls = new Set<HostCall>()
  #resumptions: Resumptions
  #timer: NodeJS.Timeout | undefined
  /** Whether a wake is under way; and when the next one is wanted, in ms of `performance.now()`. */
  #isWaking = false
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(record: ContextRecord, options: GuestOptions) {
    this.contextId = record.id
    this.key = keyOf(record.id)
    this.timeout = options.limits.timeout
    this.#record = record
    this.#options = options
    this.#functions = [...options.functions, ...record.functions]
    this.#resumptions = this.#newResumptions()
  }

  /** A script calls a function. Throws `FrameError` when an honest process could not have sent that. */
  called(mail: CallMail): void {
    const { fn, answer, args, task } = mail
    const { limits, marshal } = this.#options
    const named = this.#functions[fn]
    if (!named || named.sync !== (answer !== undefined)) {
      throw new FrameError(`expected a function of the host, got number ${fn}`)
    }
    // Twice as many as it may: a turn's calls come before the reply that says what the turn has ended.
    if (!answer && this.#resumptions.open >= 2 * limits.maxPending) {
      throw new FrameError(`expected at most ${limits.maxPending} host calls at a time, got more`)
    }
    const call = new HostCall(this, named, mail)
    this.#calls.add(call)
    if (!answer) this.#resumptions.open++
    if (task) {
      if (!answer && !limits.countTime) task.hold(performance.now())
      // It was given up while that was on its way.
      if (task.settled) return call.ownerEnded(new DOMException('given up', 'AbortError'))
      task.addDependent(call)
    }
    let values: unknown
    try {
      values = marshal.decode(args, 'args')
    } catch (error) {
      return call.refuse('DataCloneError', (error as Error).message)
    }
    if (!Array.isArray(values)) return call.refuse('DataCloneError', 'args: no list')
    call.start(values as unknown[])
  }

  encode(value: unknown): Uint8Array {
    return this.#options.marshal.encode(value, 'result')
  }

  encodeError(name: string, message: string): Uint8Array {
    return this.#options.marshal.encodeError(name, message)
  }

  failed(name: string, error: unknown, how: 'gave' | 'threw'): void {
    const details = { contextId: this.contextId, function: name, err: error }
    if (how === 'threw') this.#options.logger.debug(details, 'a function of the host threw')
    else this.#options.logger.warn(details, "what a function of the host gave can't travel")
  }

  ended(call: HostCall, outcome: HostOutcome, over: boolean): void {
    const { task, answer, id } = call.mail
    this.#calls.delete(call)
    task?.removeDependent(call)
    if (answer) answer(outcome)
    else this.#resumptions.add(task, over, { id, ...outcome })
  }

  wakeIn(delay: number): void {
    this.#wakeAt = performance.now() + delay
    this.#arm()
  }

  /**
   * Nobody is there any more who waits. `gone`: what a script is told that holds up its process; nothing
   * when that is gone, too.
   */
  leave(reason: unknown, gone: HostOutcome | undefined): void {
    clearTimeout(this.#timer)
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#resumptions.drop()
    this.#resumptions = this.#newResumptions()
    for (const call of this.#calls) {
      const { task, answer } = call.mail
      // Of a reset one that waits knows nothing: it is of what came after.
      if (answer && this.#record.state !== 'gone') continue
      this.#calls.delete(call)
      call.contextGone(reason)
      if (task && !answer) this.#release(task)
      if (!answer || !gone) continue
      if (task) this.#record.slot.withdraw(task, reason)
      answer(gone)
    }
  }

  #newResumptions(): Resumptions {
    const { maxSize } = this.#options
    return new Resumptions(this.#record, { maxSize, onDone: (owner) => this.#release(owner) })
  }

  /** The time of a call goes on, whose host call has come back. */
  #release(owner: Task): void {
    if (this.#options.limits.countTime) return
    owner.release(performance.now())
    this.#record.slot.watch(owner)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    // One at a time.
    if (this.#isWaking || this.#wakeAt === Number.POSITIVE_INFINITY) return
    const delay = Math.max(0, this.#wakeAt - performance.now())
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, LONGEST)).unref()
  }

  #wake(): void {
    const { slot, number, timeout, state } = this.#record
    if (state === 'gone') return
    this.#isWaking = true
    this.#wakeAt = Number.POSITIVE_INFINITY
    const over = (): void => {
      this.#isWaking = false
      if (this.#record.state !== 'gone') this.#arm()
    }
    const wake: Task = new CallbackTask(
      number,
      { op: Op.wake, timeout },
      { onReply: over, onFailure: over },
    )
    slot.submit(wake)
  }
}
