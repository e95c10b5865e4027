import { type ExitInfo, VmDegradedError, type VmError, VmProcessError } from '../errors.js'
import { FairQueue, type Tally } from './fair-queue.js'
import { Lifecycle, SLOT_TRANSITIONS, type SlotState } from './lifecycle.js'
import type { Mail } from './mail.js'
import type { Fault } from './process-options.js'
import type { ProcessPool } from './process-pool.js'
import type { RestartPolicy } from './restart-policy.js'
import type { Task } from './task.js'
import type { VmProcess } from './vm-process.js'

export interface SlotExit extends Fault {
  readonly exit: ExitInfo
  readonly generation: number
}

export interface SlotOptions {
  readonly name: string
  readonly pool: ProcessPool
  readonly policy: RestartPolicy
  /** Tasks that wait in this slot and others. */
  readonly waiting: Tally
  /** `recovered`: processes could not be started for a while. */
  readonly onStart: (slot: Slot, pid: number, recovered: boolean) => void
  readonly onExit: (slot: Slot, exit: SlotExit) => void
  /** No process can be started for it before `retryAt`, in milliseconds of `Date.now()`. */
  readonly onDegraded: (slot: Slot, retryAt: number, cause: unknown) => void
  /** Its process has destroyed a context for the memory it held. */
  readonly onEvicted: (slot: Slot, context: number) => void
  /** A script in its process wants something of its host. */
  readonly onMail: (slot: Slot, mail: Mail) => void
}

/** A stable member of the ring: its name stays, the process in it changes. */
export class Slot {
  readonly name: string
  readonly #options: SlotOptions
  readonly #life = new Lifecycle<SlotState>(SLOT_TRANSITIONS, 'vacant')
  readonly #queue: FairQueue<number, Task>
  #process: VmProcess | undefined
  #generation = 0
  #refill: NodeJS.Timeout | undefined
  /** Why no task is taken, while that is so. */
  #refusal: VmError | undefined

  constructor(options: SlotOptions) {
    this.#options = options
    this.name = options.name
    this.#queue = new FairQueue(options.waiting)
  }

  /** Where its processes come from. */
  get pool(): ProcessPool {
    return this.#options.pool
  }

  get state(): SlotState {
    return this.#life.state
  }

  /** How many processes it has had. */
  get generation(): number {
    return this.#generation
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** The resident memory of its process in bytes, while that is short: no context may be added. */
  get pressure(): number | undefined {
    return this.#process?.pressure
  }

  /** Tasks that wait for their turn to be sent. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Tasks its process has, those that wait for a promise included. */
  get inFlight(): number {
    return this.#process ? this.#process.running + this.#process.suspended : 0
  }

  /** The share of its time that its process had tasks before it, over the last minute or two. */
  get utilization(): number {
    return this.#process?.utilization ?? 0
  }

  /** Takes a process and keeps the slot occupied from then on. Resolves with the first. */
  async fill(): Promise<void> {
    const process = await this.#options.pool.lease()
    if (this.#life.state !== 'vacant') return await this.#options.pool.retire(process)
    if (process.state !== 'ready') {
      await this.#options.pool.retire(process)
      return await this.fill()
    }
    this.#life.to('occupied')
    this.#process = process
    this.#generation++
    const recovered = this.#refusal !== undefined
    this.#refusal = undefined
    process.listen(
      {
        onRoom: () => this.#pump(),
        onEvicted: (context) => this.#options.onEvicted(this, context),
        onMail: (mail) => this.#options.onMail(this, mail),
        onExit: (exit, fault) => this.#onExit(process, exit, fault),
      },
      { slot: this.name, generation: this.#generation },
    )
    this.#options.onStart(this, process.pid as number, recovered)
    this.#pump()
  }

  /** Sends a task, now or when there is room. */
  submit(task: Task): void {
    if (this.#refusal) task.fail(this.#refusal)
    else if (this.#queue.size === 0 && this.hasRoom) this.#process?.send(task)
    else this.#queue.push(task.context, task)
  }

  /** The same, before what waits of the same context. */
  submitNext(task: Task): void {
    if (this.#refusal || (this.#queue.size === 0 && this.hasRoom)) this.submit(task)
    else this.#queue.pushAhead(task.context, task)
  }

  /** Sends a task past the queue; false when there is no process for it. */
  submitAhead(task: Task): boolean {
    if (this.#process?.state !== 'ready') return false
    this.#process.send(task)
    return true
  }

  /** Whether a task would be sent at once. */
  get hasRoom(): boolean {
    return this.#process?.hasRoom ?? false
  }

  /** Whether the process is in the turn of this very task. */
  isRunning(task: Task): boolean {
    return this.#process?.head === task
  }

  /** A task's time goes on, which had stood still. */
  watch(task: Task): void {
    this.#process?.watch(task)
  }

  /** Settles a task without its reply, and sees to it that it does not start any more. */
  withdraw(task: Task, reason: unknown): void {
    if (task.settled) return
    if (task.state === 'waiting') this.#queue.remove(task.context, task)
    else this.#process?.abandon(task)
    task.fail(reason)
  }

  /** Settles the waiting tasks of one context, and withdraws those that were sent. */
  drop(context: number, reason: VmError): void {
    this.#process?.abandonContext(context)
    for (const task of this.#queue.removeKey(context)) task.fail(reason)
  }

  /** Settles everything that waits or was sent. */
  failAll(reason: VmError): void {
    for (const task of this.#queue.clear()) task.fail(reason)
    this.#process?.failAll(reason)
  }

  /** No process can be started before the given time: whoever waits for one is told. */
  degrade(retryAt: number, cause: unknown): void {
    if (this.#life.state !== 'vacant') return
    this.#refuse(new VmDegradedError(this.name, retryAt, cause))
    this.#options.onDegraded(this, retryAt, cause)
  }

  /** Takes no process any more, and settles what waits. */
  close(reason: VmError): void {
    if (this.#life.state !== 'closed') this.#life.to('closed')
    clearTimeout(this.#refill)
    this.#refuse(reason)
  }

  /** Gives its process back to be ended. For a slot that holds nothing any more. */
  async retire(reason: VmError): Promise<void> {
    this.close(reason)
    if (this.#process) await this.#options.pool.retire(this.#process)
  }

  #refuse(reason: VmError): void {
    this.#refusal = reason
    for (const task of this.#queue.clear()) task.fail(reason)
  }

  #pump(): void {
    while (this.#queue.size > 0 && this.hasRoom) {
      this.#process?.send(this.#queue.shift() as Task)
    }
  }

  #onExit(process: VmProcess, exit: ExitInfo, fault: Fault): void {
    this.#process = undefined
    if (this.#life.state === 'occupied') this.#life.to('vacant')
    this.#options.onExit(this, { exit, generation: this.#generation, ...fault })
    // The pool first, or the successor would wait for room in it.
    void this.#options.pool.retire(process).catch(() => {})
    if (this.#life.state === 'vacant') this.#replace(exit)
  }

  #replace(exit: ExitInfo): void {
    const { policy, pool } = this.#options
    policy.died()
    // Without a spare it also depends on when the pool may start one.
    const retryAt = Math.max(policy.retryAt, pool.spares > 0 ? 0 : pool.retryAt)
    if (retryAt > Date.now()) this.degrade(retryAt, new VmProcessError('collateral', exit))
    const fill = (): void => void this.fill().catch(() => {})
    const wait = policy.retryAt - Date.now()
    if (wait > 0) this.#refill = setTimeout(fill, wait).unref()
    else fill()
  }
}
