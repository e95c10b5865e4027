import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { type ExitCause, type ExitInfo, VmProcessError, VmTimeoutError } from '../errors.js'
import { FrameError } from '../wire/framing.js'
import { PROTOCOL_VERSION, type Reply } from '../wire/protocol.js'
import { AskLine } from './ask-line.js'
import { type Blame, blame, NOBODY } from './blame.js'
import { Channel } from './channel.js'
import { DeadlineClock } from './deadline-clock.js'
import { deferred } from './deferred.js'
import { Lifecycle, PROCESS_TRANSITIONS, type ProcessState } from './lifecycle.js'
import { causeOf, failTasks, lastBytes, lastWords } from './post-mortem.js'
import type { ProcessListener, ProcessOptions } from './process-options.js'
import { type SpawnedWorker, spawnWorker } from './spawn-worker.js'
import { CallbackTask, type Head, type Task } from './task.js'
import { WorkerOutput } from './worker-output.js'

/**
 * Tasks that a process has before it at a time. Enough that it never idles between two, few
 * enough that its death takes little with it.
 */
const WINDOW = 128
/** Bytes of requests on their way to a process, past which it gets no more of them. */
const WRITE_WINDOW = 1024 * 1024
/** From the end of a process's socket to its own, in milliseconds. */
const EXIT_TIMEOUT = 500
/** Beyond the largest result, for a frame's other fields: an error's texts can take 99 KiB. */
const PAYLOAD_SLACK = 128 * 1024

/**
 * One OS process hosting contexts. Every task sent to it is settled exactly once: by its reply,
 * by a deadline, or by the death of the process.
 */
export class VmProcess {
  readonly #options: ProcessOptions
  readonly #spawned: SpawnedWorker
  /** Its own lines: with its pid, and with its slot and generation once it has them. */
  #log: Logger
  readonly #socket: Socket
  /** Its end tells the watchdog that this program is gone; a number tells it a call to end. */
  readonly #lifeline: Socket
  readonly #channel: Channel
  readonly #clock: DeadlineClock
  readonly #stderr: WorkerOutput
  readonly #life = new Lifecycle<ProcessState>(PROCESS_TRANSITIONS, 'starting')
  readonly #exit = deferred<ExitInfo>()
  readonly #hello = deferred<void>()
  /** The first recorded cause of death wins. */
  #cause: ExitCause | undefined
  #spawnError: Error | undefined
  /** The turn that was overdue when the process was killed for that. */
  #overdue: Head | undefined
  #pressure: number | undefined
  /** The smallest budget among the tasks that are about to be sent. */
  #shortest = Number.POSITIVE_INFINITY
  #listener: ProcessListener | undefined

  constructor(options: ProcessOptions) {
    this.#options = options
    const { worker } = options
    const spawned = spawnWorker(options)
    const { child, stdout, stderr, socket, lifeline, asking } = spawned
    this.#spawned = spawned
    this.#log = options.logger.child({ pid: child.pid })
    this.#socket = socket
    this.#lifeline = lifeline
    new WorkerOutput(stdout, (output) => this.#log.info({ output }, 'worker stdout'))
    this.#stderr = new WorkerOutput(stderr, (output) => this.#log.warn({ output }, 'worker stderr'))
    const now = () => performance.now()
    this.#channel = new Channel({
      write: (pieces) => {
        // Most often it is one, which needs no gathering.
        if (pieces.length > 1) socket.cork()
        for (const piece of pieces) socket.write(piece)
        if (pieces.length > 1) socket.uncork()
      },
      defer: (fn) => process.nextTick(fn),
      now,
      maxPayload: worker.maxResult + PAYLOAD_SLACK,
      onHello: (version) => this.#onHello(version),
      onSent: () => {
        this.#clock.watch(this.#shortest)
        this.#shortest = Number.POSITIVE_INFINITY
      },
      // While it ran, its end was the watchdog's affair: the clock may have passed it over.
      onSuspended: (left) => this.#clock.watch(left),
      onEvicted: (context) => this.#listener?.onEvicted(context),
      onAside: ({ timeout }) => this.#clock.watch(timeout + options.killGrace),
      onMail: (mail) => this.#listener?.onMail(mail),
      onPressure: (rss) => {
        this.#pressure = rss
      },
      onRoom: () => this.#listener?.onRoom(),
      onBroken: (error) => this.#onBroken(error),
    })
    this.#clock = new DeadlineClock({
      channel: this.#channel,
      now,
      grace: options.killGrace,
      onOverdue: (overdue) => {
        this.#overdue = overdue
        this.kill('unresponsive')
      },
      onUnwanted: (head) => this.#cancel(head.call),
      onExpired: (task) => {
        task.fail(new VmTimeoutError(task.timeout, 'run', true))
        this.abandon(task)
      },
    })
    socket.on('data', (chunk: Buffer) => this.#channel.receive(chunk))
    new AskLine({
      socket: asking,
      maxPayload: worker.maxResult + PAYLOAD_SLACK,
      onAsk: this.#channel.asks.bind(this.#channel),
      onBroken: (error) => this.#onBroken(error),
    })
    socket.on('drain', () => this.#listener?.onRoom())
    // Writing to a process that just died is no news: its exit is.
    socket.on('error', () => {})
    socket.on('close', () => this.#expectExit())
    child.on('error', (error) => {
      this.#spawnError ??= error
      if (child.pid === undefined) this.#onExit(null, null)
    })
    // Replies that the process wrote before it died still count, and so does what it said.
    child.on('exit', (code, signal) => {
      void lastBytes([socket, stderr]).then(() => this.#onExit(code, signal))
    })
  }

  get pid(): number | undefined {
    return this.#spawned.pid()
  }

  get state(): ProcessState {
    return this.#life.state
  }

  /** Its resident memory in bytes, while that is short. */
  get pressure(): number | undefined {
    return this.#pressure
  }

  /** Whether it takes another task. One that is stopping takes none. */
  get hasRoom(): boolean {
    return (
      this.#life.state === 'ready' &&
      this.#channel.running < WINDOW &&
      this.#channel.unwritten + this.#socket.writableLength < WRITE_WINDOW
    )
  }

  /** Tasks it works on or has before it, without those that wait for a promise. */
  get running(): number {
    return this.#channel.running
  }

  get head(): Head | undefined {
    return this.#channel.head()
  }

  get suspended(): number {
    return this.#channel.suspended
  }

  /** The share of its time that it had tasks before it, over the last minute or two. */
  get utilization(): number {
    return this.#channel.utilization
  }

  /** Resolves when the process is gone. */
  get exited(): Promise<ExitInfo> {
    return this.#exit.promise
  }

  listen(listener: ProcessListener, bindings: { slot: string; generation: number }): void {
    this.#listener = listener
    this.#log = this.#options.logger.child({ pid: this.pid, ...bindings })
  }

  /**
   * Waits for the hello and runs the start-up sources once. Rejects with `VmProcessError`,
   * `VmScriptError` or `VmTimeoutError`; the process is ended then.
   */
  async ready(): Promise<void> {
    const { startTimeout } = this.#options
    const timer = setTimeout(() => this.kill('unresponsive'), startTimeout).unref()
    try {
      await this.#hello.promise
      clearTimeout(timer)
      await this.#init()
      if (this.state === 'stopping') throw new VmProcessError('culprit', await this.exited)
      this.#life.to('ready')
    } catch (error) {
      clearTimeout(timer)
      this.kill('killed')
      await this.exited
      throw error
    }
  }

  send(task: Task): void {
    this.#channel.send(task)
    if (task.timeout < this.#shortest) this.#shortest = task.timeout
  }

  /**
   * Withdraws a sent task: what has not started will not, what runs is ended as by a deadline,
   * and what comes later is dropped.
   */
  abandon(task: Task): void {
    this.#channel.abandon(task)
    this.#clock.review()
  }

  /** Withdraws what was sent for a context, but for calls that wait for a promise. */
  abandonContext(context: number): void {
    for (const task of this.#channel.runningTasks()) {
      if (task.context === context) this.abandon(task)
    }
  }

  /** Settles all its tasks without their replies. */
  failAll(reason: unknown): void {
    for (const task of this.#channel.runningTasks()) task.fail(reason)
    for (const task of this.#channel.suspendedTasks()) task.fail(reason)
  }

  /** A task's time goes on, which had stood still. */
  watch({ deadline }: Task): void {
    this.#clock.watch(deadline - performance.now())
  }

  #onBroken(error: FrameError): void {
    this.#log.error({ err: error }, 'a process broke the protocol')
    this.kill('protocol')
  }

  /** Has the watchdog end a call's turn, if that is under way. */
  #cancel(call: number): void {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(call)
    this.#lifeline.write(number)
  }

  /** SIGKILL, aimed at this very process. */
  kill(cause: ExitCause): void {
    if (this.#life.state === 'exited') return
    this.#cause ??= cause
    if (this.#life.state !== 'stopping') this.#life.to('stopping')
    this.#spawned.kill()
  }

  async #init(): Promise<void> {
    const { init, initTimeout, onInit } = this.#options
    const reply = await new Promise<Reply>((onReply, onFailure) => {
      this.send(new CallbackTask(0, init(initTimeout), { onReply, onFailure }))
    })
    onInit(reply, initTimeout)
  }

  #onHello(version: number): void {
    if (version === PROTOCOL_VERSION) this.#hello.resolve()
    else this.#onBroken(new FrameError(`expected protocol ${PROTOCOL_VERSION}, got ${version}`))
  }

  /** A process without its socket is of no use, and need not be dying. */
  #expectExit(): void {
    if (this.#life.state === 'exited') return
    // Its exit may already be known to the system: that comes before immediates.
    const timer = setTimeout(() => setImmediate(() => this.kill('protocol')), EXIT_TIMEOUT).unref()
    void this.exited.then(() => clearTimeout(timer))
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#life.state === 'exited') return
    this.#life.to('exited')
    this.#clock.stop()
    for (const stream of this.#spawned.child.stdio) stream?.destroy()
    const ending = this.#spawned.ending(code, signal)
    const cause = this.#cause ?? causeOf(ending.signal, this.#stderr.tail)
    const exit: ExitInfo = { ...ending, cause }
    const blamed = this.#blame(cause)
    const { head } = blamed
    const tasks = this.#channel.close()
    this.#listener?.onExit(exit, { culprit: head?.context, suspects: blamed.suspects })
    const detail =
      this.#spawnError?.message ?? (cause === 'crash' ? lastWords(this.#stderr.tail) : undefined)
    failTasks(tasks, head, exit, detail)
    this.#hello.reject(new VmProcessError('culprit', exit, detail))
    this.#exit.resolve(exit)
  }

  #blame(cause: ExitCause): Blame {
    // Somebody else's SIGKILL is no context's fault.
    if (cause === 'killed') return NOBODY
    if (cause === 'unresponsive' && this.#overdue) return { head: this.#overdue, suspects: [] }
    return blame(this.#channel)
  }
}
