import type { ContextRecord } from './directory.js'
import { VmOverloadedError, VmTimeoutError } from './errors.js'
import type { KeepAlive } from './keep-alive.js'
import type { Marshal } from './marshal.js'
import type { CheckedServiceOptions } from './options.js'
import { deferred } from './pool/deferred.js'
import type { Slot } from './pool/slot.js'
import { Task } from './pool/task.js'
import { Op, type Reply, type Request, type TurnRequest } from './wire/protocol.js'

export interface CallsOptions {
  readonly service: CheckedServiceOptions
  readonly marshal: Marshal
  readonly keepAlive: KeepAlive
  /** Calls that wait for their turn, in all slots. */
  readonly waiting: () => number
  /** The worker holds no such context, though the service thought so. */
  readonly onUnknown: (record: ContextRecord) => void
}

/** Every request on its way: each becomes a promise that settles exactly once. */
export class Calls {
  readonly #options: CallsOptions
  readonly #open = new Set<Task>()
  readonly #drained = deferred<void>()
  #draining = false

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** Runs a request in a context, and resolves to its result. */
  async run(
    record: ContextRecord,
    request: TurnRequest,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { timeout } = request
    const { slot } = record
    const { maxQueue } = this.#options.service
    if (record.state === 'gone') throw record.error()
    if (signal?.aborted) throw signal.reason
    if (!slot.hasRoom && this.#options.waiting() >= maxQueue) {
      throw new VmOverloadedError('queue', maxQueue)
    }
    return await new Promise<unknown>((resolve, reject) => {
      const onAbort = (): void => slot.withdraw(task, signal?.reason)
      const settled = (): void => {
        signal?.removeEventListener('abort', onAbort)
        clearTimeout(queueTimer)
        record.unused()
        this.#end(task)
      }
      const task = new Task({
        context: record.number,
        request,
        onReply: (reply) => {
          settled()
          try {
            resolve(this.#resultOf(reply, record, timeout))
          } catch (error) {
            reject(error)
          }
        },
        onFailure: (reason) => {
          settled()
          reject(reason)
        },
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      record.used()
      this.#begin(task)
      const queueTimer = this.#watchQueue(task, slot)
      slot.submit(task)
    })
  }

  /** Makes the context of a record. The promise rejects when that fails. */
  create(record: ContextRecord): { task: Task; done: Promise<void> } {
    const { slot, number, sources, timeout } = record
    const { promise, resolve, reject } = deferred<void>()
    const task = new Task({
      context: number,
      request: { op: Op.create, timeout, sources },
      onReply: (reply) => {
        this.#end(task)
        try {
          this.#options.marshal.check(reply, timeout)
          if (record.state === 'creating') record.created()
          resolve()
        } catch (error) {
          reject(error)
        }
      },
      onFailure: (reason) => {
        this.#end(task)
        reject(reason)
      },
      // Whoever wanted it gave up; the process made it all the same.
      onLate: (reply) => {
        if (reply.op === Op.ok) void this.destroy(slot, number)
      },
    })
    this.#begin(task)
    const queueTimer = this.#watchQueue(task, slot)
    const stop = (): void => clearTimeout(queueTimer)
    promise.then(stop, stop)
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
      const numbers = this.#options.marshal.decode(reply.value, 'inventory')
      return Array.isArray(numbers) ? numbers.filter(isNumber) : []
    } catch {
      return []
    }
  }

  /** Resolves when no call is pending, or after `timeout` ms. */
  async drained(timeout: number): Promise<void> {
    this.#draining = true
    if (this.#open.size === 0) return
    const timer =
      timeout === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => this.#drained.resolve(), timeout)
    await this.#drained.promise
    clearTimeout(timer)
  }

  /** Settles whatever is pending. */
  close(reason: unknown): void {
    for (const task of [...this.#open]) task.fail(reason)
  }

  /** A request without a deadline of its own, past the queue; undefined when it has no answer. */
  async #control(slot: Slot, context: number, request: Request): Promise<Reply | undefined> {
    return await new Promise<Reply | undefined>((resolve) => {
      const task = new Task({
        context,
        request,
        onReply: (reply) => {
          this.#end(task)
          resolve(reply)
        },
        onFailure: () => {
          this.#end(task)
          resolve(undefined)
        },
      })
      this.#begin(task)
      if (!slot.submitAhead(task)) task.fail(undefined)
    })
  }

  #resultOf(reply: Reply, record: ContextRecord, timeout: number): unknown {
    if (reply.op === Op.invalid && !reply.known && record.state === 'live') {
      this.#options.onUnknown(record)
    }
    return this.#options.marshal.resultOf(reply, record, timeout)
  }

  /** Withdraws a task that has not started in time. */
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

  #begin(task: Task): void {
    this.#open.add(task)
    this.#options.keepAlive.hold()
  }

  #end(task: Task): void {
    this.#open.delete(task)
    this.#options.keepAlive.release()
    if (this.#draining && this.#open.size === 0) this.#drained.resolve()
  }
}

/** Whether a value can be a context's number on the wire. */
function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff
}
