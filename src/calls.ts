import type { ContextRecord } from './directory.js'
import { VmOverloadedError, VmTimeoutError } from './errors.js'
import { namesOf } from './host-functions.js'
import type { KeepAlive } from './keep-alive.js'
import { Latency, type LatencyStats } from './latency.js'
import type { Marshal } from './marshal.js'
import type { CheckedServiceOptions } from './option-checks.js'
import { deferred } from './pool/deferred.js'
import type { Slot } from './pool/slot.js'
import { CallbackTask, Task } from './pool/task.js'
import { Op, type Reply, type Request, type TurnRequest } from './wire/protocol.js'

export interface CallsOptions {
  readonly service: CheckedServiceOptions
  readonly marshal: Marshal
  readonly keepAlive: KeepAlive
  /** Calls that wait for their turn, in all slots. */
  readonly waiting: () => number
  /** The worker holds no such context, though the service thought so. */
  readonly onUnknown: (record: ContextRecord) => void
  /** A context has another global scope; before anything that one asks for. */
  readonly onReset: (record: ContextRecord) => void
}

/** What all calls of a service share. */
interface CallHooks {
  /** The result that a reply carries. Throws what it reports instead. */
  readonly resultOf: (reply: Reply, record: ContextRecord, timeout: number) => unknown
  readonly onReset: (record: ContextRecord) => void
  readonly onEnd: () => void
  readonly latency: Latency
}

const nobody = (): void => {}
/**
 * What settles the promise that was made last. An executor for each call would be a closure more, and the
 * variables around it: with thousands of calls waiting, what each takes is what the collector has to move.
 */
const settlers = {
  resolve: nobody as (value: unknown) => void,
  reject: nobody as (reason: unknown) => void,
}
function keepSettlers(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
  settlers.resolve = resolve
  settlers.reject = reject
}

/** A user's call: it settles the promise that its caller has. */
class Call extends Task {
  readonly #hooks: CallHooks
  readonly #record: ContextRecord
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void
  readonly #startedAt: number | undefined
  /** Ends what watches over it, if anything does. */
  unwatch: (() => void) | undefined

  /** Of the promise that was made last. */
  constructor(hooks: CallHooks, record: ContextRecord, request: TurnRequest) {
    super(record.number, request)
    this.#hooks = hooks
    this.#record = record
    this.#resolve = settlers.resolve
    this.#reject = settlers.reject
    settlers.resolve = settlers.reject = nobody
    this.#startedAt = hooks.latency.begin()
  }

  protected answered(reply: Reply): void {
    this.#end()
    if (this.request.op === Op.reset && reply.op === Op.ok) this.#hooks.onReset(this.#record)
    try {
      this.#resolve(this.#hooks.resultOf(reply, this.#record, this.timeout))
    } catch (error) {
      this.#reject(error)
    }
  }

  protected failed(reason: unknown): void {
    this.#end()
    this.#reject(reason)
  }

  protected override late(reply: Reply): void {
    if (this.request.op === Op.reset && reply.op === Op.ok) this.#hooks.onReset(this.#record)
  }

  #end(): void {
    if (this.#startedAt !== undefined) this.#hooks.latency.end(this.#startedAt)
    this.unwatch?.()
    this.#record.unused()
    this.#hooks.onEnd()
  }
}

/** Every request on its way: each becomes a promise that settles exactly once. */
export class Calls {
  readonly #options: CallsOptions
  readonly #latency = new Latency()
  readonly #hooks: CallHooks
  #pending = 0
  readonly #drained = deferred<void>()
  #draining = false

  constructor(options: CallsOptions) {
    this.#options = options
    this.#hooks = {
      resultOf: (reply, record, timeout) => this.#resultOf(reply, record, timeout),
      onReset: options.onReset,
      onEnd: () => this.#end(),
      latency: this.#latency,
    }
  }

  get latency(): LatencyStats | undefined {
    return this.#latency.stats()
  }

  /** Runs a request in a context. Throws, or returns the promise of the result. */
  run(
    record: ContextRecord,
    request: TurnRequest,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { slot } = record
    const { maxQueue } = this.#options.service
    if (record.state === 'gone') throw record.error()
    if (signal?.aborted) throw signal.reason
    if (!slot.hasRoom && this.#options.waiting() >= maxQueue) {
      throw new VmOverloadedError('queue', maxQueue)
    }
    const promise = new Promise(keepSettlers)
    const call = new Call(this.#hooks, record, request)
    record.used()
    this.#begin()
    if (this.#isWatched(signal)) call.unwatch = this.#watch(call, slot, signal)
    slot.submit(call)
    return promise
  }

  /** Makes the context of a record. The promise rejects when that fails. */
  create(record: ContextRecord): { task: Task; done: Promise<void> } {
    const { slot, number, sources, timeout, functions } = record
    const { promise, resolve, reject } = deferred<void>()
    const task = new CallbackTask(
      number,
      { op: Op.create, timeout, sources, functions: namesOf(functions) },
      {
        onReply: (reply) => {
          this.#end()
          try {
            this.#options.marshal.check(reply, timeout)
            if (record.state === 'creating') record.created()
            resolve()
          } catch (error) {
            reject(error)
          }
        },
        onFailure: (reason) => {
          this.#end()
          reject(reason)
        },
        // Whoever wanted it gave up; the process made it all the same.
        onLate: (reply) => {
          if (reply.op === Op.ok) void this.destroy(slot, number)
        },
      },
    )
    this.#begin()
    if (this.#isWatched(undefined)) {
      const unwatch = this.#watch(task, slot, undefined)
      promise.then(unwatch, unwatch)
    }
    slot.submit(task)
    return { task, done: promise }
  }

  /** Has the process let go of a context. Resolves also when the process is gone. */
  async destroy(slot: Slot, context: number): Promise<void> {
    await this.#control(slot, context, { op: Op.destroy })
  }

  /** The numbers of the contexts that a slot's process holds; none when it doesn't say. */
  async inventory(slot: Slot): Promise<readonly number[]> {
    const reply = await this.#control(slot, 0, { op: Op.inventory })
    if (reply?.op !== Op.ok) return []
    try {
      const numbers = this.#options.marshal.value(reply.value, 'inventory')
      return Array.isArray(numbers) ? numbers.filter(isNumber) : []
    } catch {
      return []
    }
  }

  /** Resolves when no call is pending, or after `timeout` ms. */
  async drained(timeout: number): Promise<void> {
    this.#draining = true
    if (this.#pending === 0) return
    const timer =
      timeout === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => this.#drained.resolve(), timeout)
    await this.#drained.promise
    clearTimeout(timer)
  }

  /** A request without a deadline of its own, past the queue; undefined when it has no answer. */
  async #control(slot: Slot, context: number, request: Request): Promise<Reply | undefined> {
    return await new Promise<Reply | undefined>((resolve) => {
      const end = (reply?: Reply): void => {
        this.#end()
        resolve(reply)
      }
      const callbacks = { onReply: end, onFailure: () => end() }
      const task = new CallbackTask(context, request, callbacks)
      this.#begin()
      if (!slot.submitAhead(task)) task.fail(undefined)
    })
  }

  #resultOf(reply: Reply, record: ContextRecord, timeout: number): unknown {
    if (reply.op === Op.invalid && !reply.known && record.state === 'live') {
      this.#options.onUnknown(record)
    }
    return this.#options.marshal.resultOf(reply, record, timeout)
  }

  /** Few calls are; the others need none of the closures for that. */
  #isWatched(signal: AbortSignal | undefined): boolean {
    return signal !== undefined || this.#options.service.queueTimeout !== Number.POSITIVE_INFINITY
  }

  /** Withdraws a task when its signal aborts, or when it has not started in time. */
  #watch(task: Task, slot: Slot, signal: AbortSignal | undefined): () => void {
    const onAbort = (): void => slot.withdraw(task, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = this.#watchQueue(task, slot)
    return () => {
      signal?.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    }
  }

  #watchQueue(task: Task, slot: Slot): NodeJS.Timeout | undefined {
    const { queueTimeout } = this.#options.service
    if (queueTimeout === Number.POSITIVE_INFINITY) return undefined
    const expire = (): void => {
      if (task.state === 'suspended' || slot.isRunning(task)) return
      slot.withdraw(task, new VmTimeoutError(queueTimeout, 'queue', true))
    }
    // What was read while timers waited may have started it: sockets come before immediates.
    return setTimeout(() => setImmediate(expire), queueTimeout).unref()
  }

  #begin(): void {
    this.#pending++
    this.#options.keepAlive.hold()
  }

  #end(): void {
    this.#pending--
    this.#options.keepAlive.release()
    if (this.#draining && this.#pending === 0) this.#drained.resolve()
  }
}

/** Whether a value can be a context's number on the wire. */
function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff
}
