import { FrameError, FrameReader, FrameWriter } from '../wire/framing.js'
import { FAREWELL_TIMEOUT, Op, type Reply, readReply, writeRequest } from '../wire/protocol.js'
import type { Head, Task } from './task.js'

export interface ChannelOptions {
  /** Writes bytes towards the process. */
  readonly write: (pieces: Buffer[]) => void
  /** Runs a function once the current callbacks and their promises are through. */
  readonly defer: (fn: () => void) => void
  /** The current time in milliseconds, monotonic. */
  readonly now: () => number
  /** The largest payload that may come, in bytes. */
  readonly maxPayload: number
  /** Requests have left: their time begins. */
  readonly onSent: () => void
  /** A task waits for a promise, and has so many milliseconds left. */
  readonly onSuspended: (left: number) => void
  readonly onHello: (version: number, pid: number) => void
  readonly onEvicted: (context: number) => void
  /** The process is in a turn that no task was sent for. */
  readonly onFarewell: (turn: Head) => void
  /** `rss` in bytes while memory is short, undefined when it is no longer. */
  readonly onPressure: (rss: number | undefined) => void
  /** A task was answered, or waits for a promise: there is room for another. */
  readonly onRoom: () => void
  /** The process broke the protocol. */
  readonly onBroken: (error: FrameError) => void
}

/**
 * Requests and their replies on one process's descriptor. Knows numbers and frames, nothing of
 * the operating system: what writes and what closes is handed in.
 */
export class Channel {
  readonly #options: ChannelOptions
  readonly #out = new FrameWriter()
  readonly #in: FrameReader
  /** Tasks the process has yet to answer and that don't wait for a promise, oldest first. */
  readonly #running = new Map<number, Task>()
  readonly #suspended = new Map<number, Task>()
  /** A suspended task that is in a turn again, or the last turn of a context that is gone. */
  #ahead: Head | undefined
  #lastCall = 0
  /** Tasks whose requests have not left yet. */
  readonly #unstamped: Task[] = []
  #flushing = false
  #broken = false
  /** When the process last finished, suspended or resumed anything. */
  #progressAt = 0

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#in = new FrameReader(options.maxPayload, this.#frame.bind(this))
  }

  /** Tasks that the process works on or has before it. */
  get running(): number {
    return this.#running.size
  }

  /** Tasks that wait for a promise. */
  get suspended(): number {
    return this.#suspended.size
  }

  /** Bytes of requests that have not been handed to `write`. */
  get unwritten(): number {
    return this.#out.size
  }

  /** What the process is in the turn of: it serves tasks in the order they were sent. */
  head(): Head | undefined {
    if (this.#ahead) return this.#ahead
    for (const task of this.#running.values()) return task
    return undefined
  }

  /** When the head's turn began, in milliseconds of `now`. */
  startOf(head: Head): number {
    return Math.max(head.sentAt, this.#progressAt)
  }

  /** When the reply to a withdrawn task was due, but for what the process had to do before. */
  answerDue(task: Task): number {
    return Math.max(task.deadline, this.#progressAt)
  }

  runningTasks(): IterableIterator<Task> {
    return this.#running.values()
  }

  suspendedTasks(): IterableIterator<Task> {
    return this.#suspended.values()
  }

  send(task: Task): void {
    const call = this.#nextCall()
    task.sent(call)
    this.#unstamped.push(task)
    this.#running.set(call, task)
    writeRequest(this.#out, call, task.context, task.request)
    this.#flushSoon()
  }

  /**
   * Tells the process that nobody waits for a task any more. The caller has settled it; its
   * reply is still owed, and tells whether it ever started.
   */
  abandon(task: Task): void {
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
    const tasks = [...this.#running.values(), ...this.#suspended.values()]
    this.#running.clear()
    this.#suspended.clear()
    return tasks
  }

  #nextCall(): number {
    do {
      this.#lastCall = this.#lastCall === 0xffff_ffff ? 1 : this.#lastCall + 1
    } while (this.#running.has(this.#lastCall) || this.#suspended.has(this.#lastCall))
    return this.#lastCall
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#options.defer(() => {
      this.#flushing = false
      if (this.#broken) return
      // Only now do they leave: what the service did in between is not on their account.
      const now = this.#options.now()
      for (const task of this.#unstamped.splice(0)) task.sentAt = now
      this.#options.write(this.#out.take())
      this.#options.onSent()
    })
  }

  #frame(op: number, call: number, context: number, payload: Buffer): void {
    if (this.#broken) return
    const message = readReply(op, payload)
    switch (message.op) {
      case Op.hello:
        return this.#options.onHello(message.version, message.pid)
      case Op.evicted:
        return this.#options.onEvicted(context)
      case Op.pressure:
        return this.#options.onPressure(message.on ? message.rss : undefined)
      case Op.farewell:
        return this.#part(context, message.on)
    }
    const task = this.#running.get(call) ?? this.#suspended.get(call)
    if (!task || task.context !== context || task.sentAt === Number.POSITIVE_INFINITY) {
      throw new FrameError(`a frame for call ${call}, which is not under way`)
    }
    if (message.op === Op.suspended) this.#suspend(task)
    else if (message.op === Op.resumed) this.#resume(task)
    else this.#reply(task, message)
    this.#options.onRoom()
  }

  #suspend(task: Task): void {
    const now = this.#options.now()
    if (this.#ahead === task) this.#ahead = undefined
    else if (this.#running.delete(task.call)) {
      task.suspended(this.startOf(task) + task.timeout)
      this.#suspended.set(task.call, task)
      this.#options.onSuspended(task.deadline - now)
    } else throw new FrameError(`call ${task.call} waits already`)
    this.#progressAt = now
  }

  #resume(task: Task): void {
    if (!this.#suspended.has(task.call)) throw new FrameError(`call ${task.call} does not wait`)
    this.#ahead = task
    this.#progressAt = this.#options.now()
  }

  /** Nobody asked for that turn, but it is one: what ends the process then was its doing. */
  #part(context: number, on: boolean): void {
    this.#progressAt = this.#options.now()
    this.#ahead = on
      ? {
          call: 0,
          context,
          timeout: FAREWELL_TIMEOUT,
          sentAt: this.#progressAt,
          unwantedAt: undefined,
        }
      : undefined
    if (this.#ahead) this.#options.onFarewell(this.#ahead)
  }

  #reply(task: Task, reply: Reply): void {
    if (!this.#running.delete(task.call)) this.#suspended.delete(task.call)
    if (this.#ahead === task) this.#ahead = undefined
    this.#progressAt = this.#options.now()
    task.reply(reply)
  }
}
