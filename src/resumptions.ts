import type { ContextRecord } from './directory.js'
import { CallbackTask, type Task } from './pool/task.js'
import { type HostEnd, Op } from './wire/protocol.js'

/** How long a script may clean up when its call was given up, in ms. */
const CLEAN_UP = 250

/** Host calls that have ended, and are told to their script in one turn. */
interface Batch {
  /** The call on whose account they were made, if on anybody's. */
  readonly owner: Task | undefined
  /** Whether that was given up. */
  readonly over: boolean
  readonly ended: HostEnd[]
  /** Bytes of their results. */
  size: number
}

/**
 * How the results of host calls come back into one global scope: one resumption at a time, which takes its
 * turn among the other contexts of its process like a call. What ends meanwhile goes into the next one, all
 * of a call's together.
 */
export class Resumptions {
  readonly #record: ContextRecord
  readonly #maxSize: number
  readonly #waiting: Batch[] = []
  #isUnderWay = false
  /** Host calls whose end the process has not taken yet. */
  open = 0

  /** A resumption carries at most `maxSize` bytes, but for its first result. */
  constructor(record: ContextRecord, maxSize: number) {
    this.#record = record
    this.#maxSize = maxSize
  }

  add(owner: Task | undefined, over: boolean, end: HostEnd): void {
    const size = end.value.length
    const batch = this.#waiting.find(
      (other) => other.owner === owner && other.over === over && other.size + size <= this.#maxSize,
    )
    if (batch) {
      batch.ended.push(end)
      batch.size += size
    } else this.#waiting.push({ owner, over, ended: [end], size })
    // What ends in the same go goes together.
    if (!this.#isUnderWay) queueMicrotask(() => this.#next())
  }

  /** The global scope is gone: nobody wants to know. */
  drop(): void {
    this.#waiting.length = 0
  }

  #next(): void {
    if (this.#isUnderWay) return
    const batch = this.#waiting.shift()
    if (!batch) return
    const { slot, number, state, timeout } = this.#record
    if (state === 'gone') return
    const { over, ended } = batch
    // A call that is over makes no difference any more, unless it was given up.
    const owner = over || batch.owner?.settled ? undefined : batch.owner
    const budget = over ? Math.min(timeout, CLEAN_UP) : (owner?.timeout ?? timeout)
    const done = (): void => {
      this.open -= ended.length
      this.#isUnderWay = false
      this.#next()
    }
    const task = new CallbackTask(
      number,
      { op: Op.resume, timeout: budget, owner: owner?.call ?? 0, over, ended },
      { onReply: done, onFailure: done },
    )
    task.onBehalfOf = owner
    this.#isUnderWay = true
    slot.submitNext(task)
  }
}
