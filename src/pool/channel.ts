import type { FieldReader } from '../wire/fields.js'
import { FrameReader } from '../wire/frame-reader.js'
import { FrameError, FrameWriter } from '../wire/framing.js'
import { type Event, Op, type Reply } from '../wire/protocol.js'
import { readReply } from '../wire/replies.js'
import { writeRequest } from '../wire/requests.js'
import { isAnswer } from './answers.js'
import { CallTable } from './call-table.js'
import type { ChannelOptions } from './channel-options.js'
import { EventBudget } from './event-budget.js'
import { type Answer, mailOf } from './mail.js'
import type { Head, Task, Withdrawal } from './task.js'
import { TaskList } from './task-list.js'
import { TurnClock } from './turn-clock.js'
import { Utilization } from './utilization.js'

type UnboundEvent = Exclude<Event, { op: typeof Op.suspended | typeof Op.begun | typeof Op.ask }>
const UNBOUND: ReadonlySet<number> = new Set<UnboundEvent['op']>([
  Op.hello,
  Op.pressure,
  Op.evicted,
  Op.aside,
  Op.hostCall,
  Op.timer,
  Op.console,
])
/** Events of a process as a whole, of no context. */
const OF_PROCESS: ReadonlySet<number> = new Set([Op.hello, Op.pressure])

/**
 * Requests and their replies on one process's descriptor. Knows numbers and frames, nothing of
 * the operating system: what writes and what closes is handed in. Takes no byte on trust: whatever
 * an honest process could not have sent at that moment is a `FrameError`, and the end of it.
 */
export class Channel {
  readonly #options: ChannelOptions
  readonly #out = new FrameWriter()
  readonly #in: FrameReader
  /** Tasks the process has yet to answer and that don't wait for a promise, oldest first. */
  readonly #running = new TaskList()
  readonly #suspended = new TaskList()
  /** All of both. */
  readonly #calls = new CallTable()
  readonly #utilization: Utilization
  readonly #turns: TurnClock
  readonly #events: EventBudget
  #greeted = false
  /** The last call that the process said it begins. */
  #begun: Task | undefined
  /** Tasks whose requests have not left yet. */
  readonly #unstamped: Task[] = []
  #flushing = false
  readonly #flush = (): void => {
    this.#flushing = false
    if (this.#broken) return
    // Only now do they leave: what the service did in between is not on their account.
    const now = this.#options.now()
    for (const task of this.#unstamped) task.sentAt = now
    this.#unstamped.length = 0
    this.#options.write(this.#out.take())
    this.#options.onSent()
  }
  #broken = false

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#in = new FrameReader(options.maxPayload, this.#frame.bind(this))
    this.#events = new EventBudget(options.now)
    this.#turns = new TurnClock(options.now)
    this.#utilization = new Utilization(options.now())
  }

  /** Tasks that the process works on or has before it. */
  get running(): number {
    return this.#running.size
  }

  /** Tasks that wait for a promise. */
  get suspended(): number {
    return this.#suspended.size
  }

  /** The share of its time that the process had something before it, from 0 to 1. */
  get utilization(): number {
    return this.#utilization.share(this.#options.now())
  }

  /** Bytes of requests that have not been handed to `write`. */
  get unwritten(): number {
    return this.#out.size
  }

  /** What the process is in the turn of: it serves tasks in the order they were sent. */
  head(): Head | undefined {
    return this.#turns.aside ?? this.oldest()
  }

  /** The task whose turn it is but for what is ahead of all. */
  oldest(): Task | undefined {
    return this.#running.first
  }

  /** The call that the process said it begins, holding no replies, if that was the last it did. */
  get begun(): Task | undefined {
    return this.#begun
  }

  /** When the turn of the head or of the oldest task began, in milliseconds of `now`. */
  startOf(head: Head): number {
    return this.#turns.startOf(head)
  }

  /** Whether the process waits for its host. */
  get isHeld(): boolean {
    return this.#turns.isHeld
  }

  /** Whether the process must have read that a suspended task is withdrawn: what came before is done. */
  owes({ lastCall }: Withdrawal): boolean {
    const oldest = this.oldest()
    // Numbers go round.
    return !oldest || ((oldest.call - lastCall) | 0) > 0
  }

  runningTasks(): Iterable<Task> {
    return this.#running
  }

  suspendedTasks(): Iterable<Task> {
    return this.#suspended
  }

  send(task: Task): void {
    this.#calls.add(task)
    this.#unstamped.push(task)
    if (this.#running.size === 0) {
      this.#turns.served()
      this.#utilization.begin(this.#options.now())
    }
    this.#running.add(task)
    writeRequest(this.#out, task.call, task.context, task.request)
    this.#flushSoon()
  }

  /**
   * Tells the process that nobody waits for a task any more. The caller has settled it; its
   * reply is still owed, and tells whether it ever started.
   */
  abandon(task: Task): void {
    task.withdrawn(this.#options.now(), this.#calls.last)
    writeRequest(this.#out, task.call, task.context, { op: Op.abandon })
    this.#flushSoon()
  }

  receive(chunk: Buffer): void {
    if (this.#broken) return
    try {
      this.#in.push(chunk)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.#broken = true
      this.#options.onBroken(error)
    }
  }

  /** Takes every unanswered task out; the channel is of no further use. */
  close(): Task[] {
    this.#broken = true
    this.#calls.clear()
    return [...this.#running.clear(), ...this.#suspended.clear()]
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#options.defer(this.#flush)
  }

  #frame(op: number, call: number, context: number, payload: FieldReader): void {
    if (this.#broken) return
    if (!this.#greeted && op !== Op.hello) {
      throw new FrameError(`expected a hello first, got opcode ${op}`)
    }
    if (UNBOUND.has(op)) {
      return this.#event(readReply(op, payload) as UnboundEvent, call, context)
    }
    const task = this.#calls.get(call)
    if (!task || task.context !== context || task.sentAt === Number.POSITIVE_INFINITY) {
      throw new FrameError(
        `expected a frame for a call under way, got call ${call} of context ${context}`,
      )
    }
    if (!isAnswer(task.request.op, op)) {
      throw new FrameError(`expected an answer to opcode ${task.request.op}, got opcode ${op}`)
    }
    // A value that nobody waits for is not worth decoding.
    if (op === Op.ok && task.settled) this.#reply(task, { op, value: undefined })
    else this.#answer(task, readReply(op, payload))
    if (op !== Op.begun) this.#options.onRoom()
  }

  #answer(task: Task, message: Reply | Event): void {
    switch (message.op) {
      case Op.begun:
        return this.#begin(task)
      case Op.suspended:
        return this.#suspend(task)
      default:
        this.#reply(task, message as Reply)
    }
  }

  /** What no call was sent for. */
  #event(event: UnboundEvent, call: number, context: number): void {
    const isStray = OF_PROCESS.has(event.op) && context !== 0
    if (isStray || (call !== 0 && event.op !== Op.hostCall)) {
      throw new FrameError(`expected an event of no call, got call ${call} of context ${context}`)
    }
    this.#events.spend()
    switch (event.op) {
      case Op.hello:
        if (this.#greeted) throw new FrameError('expected one hello, got another')
        this.#greeted = true
        return this.#options.onHello(event.version, event.pid)
      case Op.evicted:
        return this.#options.onEvicted(context)
      case Op.pressure:
        return this.#options.onPressure(event.on ? event.rss : undefined)
      case Op.aside:
        if (event.timeout === 0) return this.#turns.endAside(context)
        return this.#options.onAside(this.#turns.beginAside(context, event.timeout))
      default:
        return this.#options.onMail(mailOf(event, context, this.#ownerOf(call, context)))
    }
  }

  /** Whose account something is on: that of a call under way in that context, or nobody's. */
  #ownerOf(call: number, context: number): Task | undefined {
    if (call === 0) return undefined
    const task = this.#calls.get(call)
    const op = task?.request.op
    if (task?.context === context && (op === Op.call || op === Op.evaluate)) return task
    throw new FrameError(`expected a host call of a call under way, got one of ${call}`)
  }

  /** A script asks its host and waits: the process does nothing until it has the answer. */
  asks(op: number, call: number, context: number, payload: FieldReader, answer: Answer): void {
    if (this.#broken) return
    const message = readReply(op, payload)
    if (message.op !== Op.ask || !this.#greeted || this.#turns.isHeld) {
      throw new FrameError(`expected one question at a time, got opcode ${op}`)
    }
    this.#events.spend()
    const owner = this.#ownerOf(call, context)
    this.#turns.hold(message.used, this.head())
    const release: Answer = (outcome) => {
      this.#turns.release()
      answer(outcome)
    }
    this.#options.onMail(mailOf(message, context, owner, release))
  }

  #begin(task: Task): void {
    if (task !== this.oldest()) {
      throw new FrameError(`expected the beginning of the oldest call, got ${task.call}`)
    }
    this.#events.spend()
    this.#begun = task
  }

  #suspend(task: Task): void {
    const deadline = this.startOf(task) + task.timeout
    if (!this.#running.has(task)) {
      throw new FrameError(`expected a call that runs, got ${task.call}`)
    }
    this.#served(task)
    task.suspended(deadline, this.#options.now())
    this.#suspended.add(task)
    this.#options.onSuspended(deadline - this.#options.now())
  }

  /** Takes a task out of those that run. */
  #served(task: Task): void {
    // One that was withdrawn is answered out of turn: the oldest is no further for it.
    if (this.oldest() === task) this.#turns.served()
    this.#running.remove(task)
    if (this.#running.size === 0) this.#utilization.end(this.#options.now())
  }

  #reply(task: Task, reply: Reply): void {
    this.#calls.delete(task)
    if (task === this.#begun) this.#begun = undefined
    if (this.#running.has(task)) this.#served(task)
    else this.#suspended.remove(task)
    task.reply(reply)
  }
}
