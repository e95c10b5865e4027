import type { ConsoleSink } from './console-sink.js'
import type { ContextRecord } from './directory.js'
import { type VmInvalidContextError, VmSerializationError, VmTimeoutError } from './errors.js'
import { HostCall } from './host-call.js'
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
  /** A function of the host gave what can't travel. */
  readonly onError: (record: ContextRecord, name: string, error: unknown) => void
}

type CallMail = Mail & { kind: 'call' }

/** The host's side of what scripts want of it: of every context, by its record. */
export class Guests {
  readonly #options: GuestsOptions
  readonly #guests = new WeakMap<ContextRecord, Guest>()

  constructor(options: GuestsOptions) {
    this.#options = options
  }

  /** Throws `FrameError` when an honest process could not have sent that. */
  receive(slot: Slot, mail: Mail): void {
    const record = this.#options.find(slot, mail.context)
    // It went while that was on its way.
    if (!record) {
      if (mail.kind !== 'call') return
      if (mail.task) slot.withdraw(mail.task, this.#options.missing(slot, mail.context))
      return mail.answer?.(GONE)
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

const GONE: HostOutcome = { kind: 'error', name: 'AbortError', message: 'the context is gone' }

/** What one context waits for. */
class Guest {
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
    this.#record = record
    this.#options = options
    this.#functions = [...options.functions, ...record.functions]
    // Timers of calls that nobody waits for any more need not fire, nor go on.
    if (options.timersOfCalls) record.onAbandoned = () => this.#stopWaking()
  }

  called(mail: CallMail): void {
    const { fn, answer, args, task } = mail
    const { limits, marshal, onError } = this.#options
    const named = this.#functions[fn]
    if (!named || named.sync !== (answer !== undefined)) {
      throw new FrameError(`expected a function of the host, got number ${fn}`)
    }
    // One more than it may: a turn's calls come before the reply that says what the turn has ended.
    if (this.#open > limits.maxPending) {
      throw new FrameError(`expected at most ${limits.maxPending} host calls at a time, got more`)
    }
    this.#open++
    const { id: contextId } = this.#record
    const call = new HostCall({
      contextId,
      key: keyOf(contextId),
      named,
      timeout: named.timeout ?? limits.timeout,
      encode: (value, root) => marshal.encode(value, root),
      onError: (name, error) => onError(this.#record, name, error),
      onEnd: (ended, outcome, over) => this.#ended(ended, mail, outcome, over),
    })
    this.#calls.set(call, mail)
    if (task) {
      // It was given up while that was on its way.
      if (task.settled) return call.ownerEnded(new DOMException('given up', 'AbortError'))
      task.addDependent(call)
      if (!limits.countTime && !answer) task.hold(performance.now())
    }
    let values: unknown
    try {
      values = marshal.decode(args, 'args')
      if (!Array.isArray(values)) throw new VmSerializationError('args', 'no array')
    } catch (error) {
      return call.refuse('DataCloneError', (error as Error).message)
    }
    call.start(values as unknown[])
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
    for (const [call, { answer }] of calls) {
      // What takes its place begins with none.
      if (!answer) this.#open--
      call.contextGone(reason)
    }
  }

  #arm(): void {
    clearTimeout(this.#timer)
    // One at a time.
    if (this.#waking || this.#wakeAt === Number.POSITIVE_INFINITY) return
    const delay = Math.max(0, this.#wakeAt - performance.now())
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, 0x7fff_ffff)).unref()
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
    if (this.#waking) {
      this.#record.slot.withdraw(this.#waking, new DOMException('given up', 'AbortError'))
    }
  }

  #ended(call: HostCall, mail: CallMail, outcome: HostOutcome, over: boolean): void {
    const { task, answer, id } = mail
    this.#calls.delete(call)
    task?.removeDependent(call)
    if (answer) {
      this.#open--
      return answer(outcome)
    }
    const { slot, number, timeout: budget } = this.#record
    const now = performance.now()
    const isHeld = task && !this.#options.limits.countTime
    if (isHeld) task.release(now)
    if (this.#record.state === 'gone') return
    const owner = task && !task.settled ? task : undefined
    const left = owner?.state === 'suspended' ? owner.deadline - now : budget
    const timeout = Math.max(1, Math.min(left, owner?.timeout ?? budget))
    const request = { op: Op.resume, timeout, id, owner: owner?.call ?? 0, over, outcome } as const
    const resumption = new CallbackTask(number, request, {
      onReply: (reply) => {
        this.#open--
        if (reply.op === Op.timeout && owner) this.#timedOut(owner)
      },
      onFailure: () => {
        this.#open--
      },
    })
    if (slot.submitAhead(resumption)) slot.review()
  }

  /** The turn was cut short in which a call went on. */
  #timedOut(task: Task): void {
    this.#record.slot.withdraw(task, new VmTimeoutError(task.timeout, 'run', true))
  }
}
