import type { Logger } from 'pino'
import type { ConsoleSink } from './console-sink.js'
import type { ContextRecord } from './directory.js'
import { type VmInvalidContextError, VmTimeoutError } from './errors.js'
import { type CallMail, HostCall, type HostCallOwner } from './host-call.js'
import type { NamedFunction } from './host-functions.js'
import type { Marshal } from './marshal.js'
import type { HostCallLimits } from './options.js'
import type { Mail } from './pool/mail.js'
import type { Slot } from './pool/slot.js'
import { CallbackTask, type Task } from './pool/task.js'
import { keyOf } from './ring/hash-ring.js'
import { FrameError } from './wire/framing.js'
import { type HostOutcome, Op } from './wire/protocol.js'

export interface GuestsOptions {
  /** Functions of the host that all contexts have. */
  readonly functions: readonly NamedFunction[]
  readonly limits: Required<HostCallLimits>
  /** Whether a timer goes with the call that set it. */
  readonly timersOfCalls: boolean
  readonly marshal: Marshal
  readonly console: ConsoleSink | undefined
  /** The context of that number on a slot. */
  readonly find: (slot: Slot, number: number) => ContextRecord | undefined
  /** What to tell a caller of one that is not there any more. */
  readonly missing: (slot: Slot, number: number) => VmInvalidContextError
  /** How host calls of contexts end that are not there any more. */
  readonly gone: HostOutcome
  readonly logger: Logger
}

/** How long a script may clean up when its call was given up, in ms. */
const CLEAN_UP = 250
/** The longest that a timer of Node's waits, in ms. */
const LONGEST_DELAY = 0x7fff_ffff

/** The host's side of what scripts want of it: of every context, by its record. */
export class Guests {
  readonly #options: GuestsOptions
  readonly #guests = new WeakMap<ContextRecord, Guest>()

  constructor(options: Omit<GuestsOptions, 'gone'>) {
    const value = options.marshal.encode(['AbortError', 'the context is gone'], 'error')
    this.#options = { ...options, gone: { ok: false, value } }
  }

  /** Throws `FrameError` when an honest process could not have sent that. */
  receive(slot: Slot, mail: Mail): void {
    const record = this.#options.find(slot, mail.context)
    // It went while that was on its way.
    if (!record) {
      if (mail.kind !== 'call') return
      if (mail.task) slot.withdraw(mail.task, this.#options.missing(slot, mail.context))
      return mail.answer?.(this.#options.gone)
    }
    switch (mail.kind) {
      case 'call':
        return this.#guest(record).called(mail)
      case 'timer':
        return this.#guest(record).wakeIn(mail.delay)
      case 'line':
        return this.#options.console?.line(record, mail.level, mail.text)
    }
  }

  /** A context has another global scope: nobody waits for what the last one asked for. */
  reset(record: ContextRecord): void {
    this.#guests.get(record)?.leave(new DOMException('the context was reset', 'AbortError'))
  }

  #guest(record: ContextRecord): Guest {
    const known = this.#guests.get(record)
    if (known) return known
    const guest = new Guest(record, this.#options)
    this.#guests.set(record, guest)
    record.onEnd(() => guest.leave(record.error()))
    return guest
  }
}

/** What one context waits for. */
class Guest implements HostCallOwner {
  readonly contextId: string
  readonly key: string
  readonly timeout: number
  readonly #record: ContextRecord
  readonly #options: GuestsOptions
  readonly #functions: readonly NamedFunction[]
  readonly #calls = new Map<HostCall, CallMail>()
  /** Those, and those whose answer the process has not taken yet. */
  #open = 0
  #timer: NodeJS.Timeout | undefined
  /** The wake under way; and when the next one is wanted, in ms of `performance.now()`. */
  #waking: Task | undefined
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(record: ContextRecord, options: GuestsOptions) {
    this.contextId = record.id
    this.key = keyOf(record.id)
    this.timeout = options.limits.timeout
    this.#record = record
    this.#options = options
    this.#functions = [...options.functions, ...record.functions]
    // Timers of calls that nobody waits for any more need not fire, nor go on.
    if (options.timersOfCalls) record.onAbandoned = () => this.#stopWaking()
  }

  called(mail: CallMail): void {
    const { fn, answer, args, task } = mail
    const { limits, marshal } = this.#options
    const named = this.#functions[fn]
    if (!named || named.sync !== (answer !== undefined)) {
      throw new FrameError(`expected a function of the host, got number ${fn}`)
    }
    // One more than it may: a turn's calls come before the reply that says what the turn has ended.
    if (this.#open > limits.maxPending) {
      throw new FrameError(`expected at most ${limits.maxPending} host calls at a time, got more`)
    }
    this.#open++
    const call = new HostCall(this, named, mail)
    this.#calls.add(call)
    if (task) {
      if (this.#holds(mail)) task.hold(performance.now())
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

  encode(value: unknown, root: string): Uint8Array {
    return this.#options.marshal.encode(value, root)
  }

  failed(name: string, error: unknown, how: 'gave' | 'threw'): void {
    const details = { contextId: this.contextId, function: name, err: error }
    if (how === 'threw') this.#options.logger.debug(details, 'a function of the host threw')
    else this.#options.logger.warn(details, "what a function of the host gave can't travel")
  }

  ended(call: HostCall, outcome: HostOutcome, over: boolean): void {
    const { mail } = call
    const { task, answer } = mail
    this.#calls.delete(call)
    task?.removeDependent(call)
    if (task && this.#holds(mail)) task.release(performance.now())
    if (answer) {
      this.#open--
      answer(outcome)
    } else this.#resume(mail, outcome, over)
  }

  wakeIn(delay: number): void {
    this.#wakeAt = performance.now() + delay
    this.#arm()
  }

  /** Nobody is there any more who waits. */
  leave(reason: unknown): void {
    clearTimeout(this.#timer)
    this.#wakeAt = Number.POSITIVE_INFINITY
    const calls = [...this.#calls]
    this.#calls.clear()
    for (const call of calls) {
      call.contextGone(reason)
      const { task, answer } = call.mail
      if (!answer) continue
      // Its process stands still, in the turn of this very call; or is gone, and that tells the call.
      if (task && this.#record.reason !== 'process-exit') {
        this.#record.slot.withdraw(task, reason)
      }
      answer(this.#options.gone)
    }
  }

  /** Whether the time of the call it is on account of stands still. (The process's own does for one that waits.) */
  #holds({ answer }: CallMail): boolean {
    return answer === undefined && !this.#options.limits.countTime
  }

  #resume({ task, id }: CallMail, outcome: HostOutcome, over: boolean): void {
    const { slot, number, state, timeout: budget } = this.#record
    if (state === 'gone') return
    const owner = task && !task.settled ? task : undefined
    const left =
      owner?.state === 'suspended' ? owner.deadline - performance.now() : (owner?.timeout ?? budget)
    const timeout = over ? Math.min(budget, CLEAN_UP) : Math.max(1, left)
    const request = { op: Op.resume, timeout, id, owner: owner?.call ?? 0, over, outcome } as const
    const resumption = new CallbackTask(number, request, {
      onReply: (reply) => {
        this.#open--
        // The turn was cut short in which a call went on.
        if (reply.op === Op.timeout && owner) {
          slot.withdraw(owner, new VmTimeoutError(owner.timeout, 'run', true))
        }
      },
      onFailure: () => {
        this.#open--
      },
    })
    if (!slot.submitAhead(resumption)) this.#open--
    else if (owner) slot.watch(left)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    // One at a time.
    if (this.#waking || this.#wakeAt === Number.POSITIVE_INFINITY) return
    const delay = Math.max(0, this.#wakeAt - performance.now())
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, LONGEST_DELAY)).unref()
  }

  #wake(): void {
    const { slot, number, timeout, state } = this.#record
    if (state === 'gone') return
    this.#wakeAt = Number.POSITIVE_INFINITY
    const over = (): void => {
      this.#waking = undefined
      if (this.#record.state !== 'gone') this.#arm()
    }
    const request = { op: Op.wake, timeout } as const
    this.#waking = new CallbackTask(number, request, { onReply: over, onFailure: over })
    slot.submit(this.#waking)
  }

  #stopWaking(): void {
    if (!this.#waking) return
    this.#record.slot.withdraw(this.#waking, new DOMException('given up', 'AbortError'))
  }
}
