import type { ContextRecord } from './directory.js'
import { CallbackTask, type Task } from './pool/task.js'
import { type HostEnd, Op } from './wire/protocol.js'

/** How long a script may clean up when its call was given up, in ms. */
const CLEAN_UP = 250

export interface ResumptionsOptions {
  /** The most bytes that one may carry, but for its first result. */
  readonly maxSize: number
  /** A host call on account of that task has come back to its script, or never will. */
  readonly onDone: (owner: Task) => void
}

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
  readonly #options: ResumptionsOptions
  readonly #waiting: Batch[] = []
  #isUnderWay = false
  /** Host calls whose end the process has not taken yet. */
  open = 0

  constructor(record: ContextRecord, options: ResumptionsOptions) {
    this.#record = record
    this.#options = options
  }

  add(owner: Task | undefined, over: boolean, end: HostEnd): void {
    const size = end.value.length
    const batch = this.#waiting.find(
      (other) =>
        other.owner === owner && other.over === over && other.size + size <= this.#options.maxSize,
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
    for (const batch of this.#waiting.splice(0)) this.#done(batch)
  }

  #done({ owner, ended }: Batch): void {
    this.open -= ended.length
    if (owner) for (const _ of ended) this.#options.onDone(owner)
  }

  #next(): void {
    if (this.#isUnderWay) return
    const batch = this.#waiting.shift()
    if (!batch) return
    const { slot, number, state, timeout } = this.#record
    if (state === 'gone') return this.#done(batch)
    const { over, ended } = batch
    // A call that is over makes no difference any more, unless it was given up.
    const owner = over || batch.owner?.settled ? undefined : batch.owner
    const budget = over ? Math.min(timeout, CLEAN_UP) : (owner?.timeout ?? timeout)
    const done = (): void => {
      this.#done(batch)
      this.#isUnderWay = false
      this.#next()
    }
    const task = new CallbackTask(
      number,
      { op: Op.resume, timeout: budget, owner: owner?.call ?? 0, alone: timeout, over, ended },
      { onReply: done, onFailure: done },
    )
    task.onBehalfOf = owner
    this.#isUnderWay = true
    slot.submitNext(task)
  }
}
