import { Op, type Request, type TurnRequest } from '../wire/protocol.js'
import { Callbacks } from './callbacks.js'
import type { Contexts } from './contexts.js'
import type { Entries } from './entries.js'
import type { Mailroom } from './mailroom.js'
import type { Outbox } from './outbox.js'
import { isPending, type Realm } from './realm/realm.js'
import { Residents } from './residents.js'
import type { Suspensions } from './suspensions.js'
import { type Turn, type TurnGuard, Turns } from './turns.js'

/** Turns made in a row before the socket is read again, in milliseconds. */
const SLICE = 5
/** A context whose last call took less, in milliseconds, is expected to be as quick in the next. */
const BRISK = 0.1

interface Job {
  readonly call: number
  readonly context: number
  readonly request: Request
}

export interface DispatcherOptions {
  readonly suspensions: Suspensions
  readonly mailroom: Mailroom
  readonly contexts: Contexts
  readonly entries: Entries
  readonly guard: TurnGuard
  readonly outbox: Outbox
  /** Has `run` called once the socket has been read. */
  readonly yield: () => void
  /** Has `prepare` called after a while without requests. */
  readonly rest: () => void
}

/**
 * Serves requests one at a time, in the order they came: each is one turn in its context.
 * Exactly one reply goes out for each, at once or when its promise settles.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #out: Outbox
  readonly #suspensions: Suspensions
  readonly #turns: Turns
  #queue: Job[] = []
  readonly #residents: Residents
  readonly #callbacks: Callbacks
  /** Whether an errand was the last work taken up. */
  #ranErrand = false
  /** Whether memory is short. */
  #isPressed = false
  /** Whether the last work was a call, and short: its reply may be held. */
  #wasBrisk = false
  /** Withdrawals that came while a turn that was cut short had yet to be answered. */
  readonly #late: number[] = []
  readonly #evictions: { context: number; rss: number }[] = []

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#out = options.outbox
    this.#suspensions = options.suspensions
    const turns = new Turns(options)
    this.#turns = turns
    this.#residents = new Residents({ ...options, turns })
    this.#callbacks = new Callbacks({ ...options, turns })
  }

  /** The turn under way. */
  get turn(): Turn | undefined {
    return this.#turns.current
  }

  push(call: number, context: number, request: Request): void {
    if (request.op === Op.abandon) this.#abandon(call)
    else this.#queue.push({ call, context, request })
  }

  /** Serves what was pushed, for one slice of time. */
  run(): void {
    // What was answered while requests were read, such as withdrawals, tells the service whose
    // turn comes next.
    this.#out.flush()
    const until = performance.now() + SLICE
    // `run` is called again when what was sent has left.
    while (this.#turns.current === undefined && this.#out.isClear) {
      if (!this.#next()) break
      if (!this.#wasBrisk) this.#out.flush()
      if (this.#isBusy && performance.now() > until) {
        // What was withdrawn in the meantime must not start.
        this.#options.yield()
        break
      }
    }
    this.#out.flush()
    this.#rest()
  }

  /** Makes a context in advance, when there is nothing else to do. */
  prepare(): void {
    // `run` is called again when what was sent has left.
    if (this.#turns.current || !this.#out.isClear || !this.#isIdle) return
    this.#residents.prepare()
    this.#out.flush()
    this.#rest()
  }

  /** Memory is short, or is so no longer: nothing is kept in advance while it is. */
  press(isShort: boolean): void {
    this.#isPressed = isShort
    if (isShort) this.#residents.shed()
    this.#out.flush()
    // Not at once: a turn may have been cut short just now (see `ended`).
    this.#options.yield()
  }

  #rest(): void {
    if (this.#isIdle) this.#options.rest()
  }

  /** Whether there is time, and memory, to make a context in advance that is wanted. */
  get #isIdle(): boolean {
    return !this.#isBusy && !this.#isPressed && this.#options.contexts.isShort
  }

  get #isBusy(): boolean {
    return this.#queue.length + this.#residents.due > 0
  }

  /** The turn under way was cut short, and has unwound; by its memory if `rss` is given. */
  ended(rss?: number): void {
    const turn = this.#turns.cut(
      rss === undefined ? { op: Op.timeout, started: true } : { op: Op.memory, rss },
    )
    if (!turn) return
    const { contexts, guard } = this.#options
    // A farewell is not the turn of the context that has its number now.
    const own = turn.call !== 0 || turn.resumes
    const realm = own ? contexts.get(turn.context) : undefined
    realm?.dropCodec()
    // Once: what it cut short would not end is not tried again.
    if (realm && !turn.resumes && (realm.isEquipped || this.#suspensions.has(realm))) {
      this.#residents.resume(turn.context, realm, turn.timeout)
    }
    for (const late of this.#late.splice(0)) this.#abandon(late)
    if (rss !== undefined) {
      if (own) this.#residents.evict(turn.context, rss)
      else guard.reclaim()
    }
    for (const { context, rss } of this.#evictions.splice(0)) this.#residents.evict(context, rss)
    this.#out.flush()
    // What was withdrawn during that turn lies in the socket, and must not start.
    this.#options.yield()
  }

  /** Destroys a context for the memory it holds. */
  evict(context: number, rss: number): void {
    // Its turn was cut short, and its call must be answered first.
    if (this.#turns.current) return void this.#evictions.push({ context, rss })
    this.#residents.evict(context, rss)
    this.run()
  }

  /**
   * Takes up requests and errands by turns, so that neither keeps the other waiting; false without any. But
   * memory that is wanted goes first.
   */
  #next(): boolean {
    const isRequestsTurn = this.#ranErrand && !this.#residents.isPressing
    const job = isRequestsTurn || this.#residents.due === 0 ? this.#queue[0] : undefined
    this.#ranErrand = job === undefined && this.#residents.due > 0
    if (job && !this.#makeWay(job)) return false
    this.#wasBrisk = false
    if (job) this.#serve(this.#queue.shift() as Job)
    else if (this.#ranErrand) this.#residents.runErrand()
    return job !== undefined || this.#ranErrand
  }

  #serve({ call, context, request }: Job): void {
    switch (request.op) {
      case Op.destroy:
        return this.#residents.destroy(call, context)
      case Op.inventory:
        return this.#out.numbers(call, context, this.#options.contexts.numbers())
      case Op.abandon:
        return
      case Op.init:
      case Op.create:
      case Op.reset:
        return this.#residents.build(call, context, request)
      case Op.evaluate:
      case Op.call:
        return this.#enter(call, context, request)
      case Op.resume:
        return this.#callbacks.resume(call, context, request)
      case Op.wake:
        return this.#callbacks.wake(call, context, request)
    }
  }

  /** The entry into a context, its microtasks, and whatever promises they settled. */
  #enter(
    call: number,
    context: number,
    request: TurnRequest & { op: typeof Op.evaluate | typeof Op.call },
  ): void {
    const realm = this.#options.contexts.get(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    const isBrisk = isHurried(request, realm)
    const { timeout } = request
    const entry = this.#options.entries.into(realm, call, request)
    const run = (turn: Turn): void => {
      turn.realm = realm
      realm.enter()
      const outcome = realm.settle(entry())
      turn.result = outcome
      this.#turns.settle(turn, realm, isPending(outcome))
    }
    this.#turns.take(call, context, timeout, run, ({ result, took }) => {
      realm.isBrisk = took < BRISK
      if (request.op === Op.call) realm.isApart = request.apart
      // The service was told of any other, and would put down to it what happens before its reply.
      this.#wasBrisk = isBrisk && realm.isBrisk
      if (isPending(result)) {
        this.#suspensions.add(call, { realm, context, left: timeout - took })
      }
    })
  }

  /**
   * What becomes of the replies before a turn. They must not wait behind one that may be long, or
   * never end, and which one it is the service should know: so they leave before it, unless it is
   * expected to be short. Should that one take longer, the watchdog sends them. False when they have
   * to be waited for.
   */
  #makeWay({ call, context, request }: Job): boolean {
    const realm = this.#options.contexts.get(context)
    if (realm && isHurried(request, realm)) this.#out.hold()
    else {
      if (realm && (request.op === Op.call || request.op === Op.resume))
        this.#out.reply(call, context, { op: Op.begun })
      this.#out.flush()
    }
    return this.#out.isClear
  }

  #abandon(call: number): void {
    const queued = this.#queue.findIndex((job) => job.call === call)
    const job = this.#queue[queued]
    if (job) {
      this.#queue.splice(queued, 1)
      return this.#out.reply(call, job.context, { op: Op.timeout, started: false })
    }
    // A turn was cut short, and may be about to answer this very call.
    if (this.#turns.current) return void this.#late.push(call)
    const suspension = this.#suspensions.get(call)
    // Otherwise it was answered while the withdrawal was under way.
    if (!suspension) return
    this.#suspensions.giveUp(call)
    this.#out.reply(call, suspension.context, { op: Op.timeout, started: true })
  }
}

/** Whether a turn is expected to be short, and need not be announced. */
function isHurried(request: Request, realm: Realm): boolean {
  if (request.op === Op.resume) return realm.isBrisk && !realm.isApart
  return request.op === Op.call && realm.isBrisk && !request.apart
}
