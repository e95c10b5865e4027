import { FAREWELL_TIMEOUT, Op, type Request, type TurnRequest } from '../wire/protocol.js'
import type { BuildRequest, Contexts } from './contexts.js'
import type { Entries } from './entries.js'
import type { Outbox } from './outbox.js'
import { isPending, type Realm } from './realm/realm.js'
import { Suspensions } from './suspensions.js'
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

/** A realm that is no context's any more, but may have something left to run. */
interface Farewell {
  readonly realm: Realm
  /** The number of the context that it was, or was to be. */
  readonly context: number
  /** Whether its memory is wanted at once. */
  readonly reclaim: boolean
}

export interface DispatcherOptions {
  readonly contexts: Contexts
  readonly entries: Entries
  readonly guard: TurnGuard
  readonly outbox: Outbox
  /** Has `run` called once the socket has been read. */
  readonly yield: () => void
}

/**
 * Serves requests one at a time, in the order they came: each is one turn in its context.
 * Exactly one reply goes out for each, at once or when its promise settles.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #out: Outbox
  readonly #suspensions = new Suspensions()
  readonly #turns: Turns
  #queue: Job[] = []
  /** Realms whose last turn is due, oldest first. */
  readonly #farewells: Farewell[] = []
  /** Whether a farewell was the last work taken up. */
  #parted = false
  /** Whether the last work was a call, and short: its reply may be held. */
  #wasBrisk = false
  /** Withdrawals that came while a turn that was cut short had yet to be answered. */
  readonly #late: number[] = []
  readonly #evictions: { context: number; rss: number }[] = []

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#out = options.outbox
    this.#turns = new Turns({ ...options, suspensions: this.#suspensions })
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
    // Results that the service does not read yet must not pile up: `run` is called when it has.
    while (this.#turns.current === undefined && this.#out.hasRoom) {
      if (!this.#next()) break
      if (!this.#wasBrisk) this.#out.flush()
      if (this.#isBusy && performance.now() > until) {
        // What was withdrawn in the meantime must not start.
        this.#options.yield()
        break
      }
    }
    this.#out.flush()
  }

  get #isBusy(): boolean {
    return this.#queue.length + this.#farewells.length > 0
  }

  /** The turn under way was cut short, and has unwound; by its memory if `rss` is given. */
  ended(rss?: number): void {
    const turn = this.#turns.cut(
      rss === undefined ? { op: Op.timeout, started: true } : { op: Op.memory, rss },
    )
    if (!turn) return
    const { contexts, guard } = this.#options
    // A farewell is not the turn of the context that has its number now.
    const own = turn.call !== 0
    if (own) contexts.get(turn.context)?.dropCodec()
    for (const late of this.#late.splice(0)) this.#abandon(late)
    if (rss !== undefined) {
      if (own) this.#evict(turn.context, rss)
      else guard.reclaim()
    }
    for (const { context, rss } of this.#evictions.splice(0)) this.#evict(context, rss)
    this.run()
  }

  /** Destroys a context for the memory it holds. */
  evict(context: number, rss: number): void {
    // Its turn was cut short, and its call must be answered first.
    if (this.#turns.current) return void this.#evictions.push({ context, rss })
    this.#evict(context, rss)
    this.run()
  }

  #evict(context: number, rss: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (!realm) return this.#forget(context)
    this.#out.reply(0, context, { op: Op.evicted, rss })
    this.#dismiss({ realm, context, reclaim: true })
  }

  /** It was gone already, perhaps before it was complete. */
  #forget(context: number): void {
    this.#options.guard.gone(context)
    this.#options.guard.reclaim()
  }

  /** Takes up requests and farewells by turns, so that neither keeps the other waiting; false without any. */
  #next(): boolean {
    const farewell = this.#parted && this.#queue.length > 0 ? undefined : this.#farewells.shift()
    this.#parted = farewell !== undefined
    this.#wasBrisk = false
    if (farewell) this.#part(farewell)
    else {
      const job = this.#queue.shift()
      if (!job) return false
      this.#serve(job)
    }
    return true
  }

  #serve({ call, context, request }: Job): void {
    switch (request.op) {
      case Op.destroy:
        return this.#destroy(call, context)
      case Op.inventory:
        return this.#out.value(call, context, this.#options.contexts.numbers())
      case Op.abandon:
        return
      case Op.init:
      case Op.create:
      case Op.reset:
        return this.#build(call, context, request)
      case Op.evaluate:
      case Op.call:
        return this.#enter(call, context, request)
    }
  }

  #build(call: number, context: number, request: BuildRequest): void {
    const { contexts, entries, guard } = this.#options
    if (request.op === Op.reset && !contexts.get(context)) {
      return this.#out.reply(call, context, { op: Op.invalid, known: false })
    }
    this.#out.flush()
    const build = (turn: Turn): void => {
      const built = entries.build(context, request, (realm) => {
        turn.building = realm
      })
      if ('draft' in built) turn.draft = built.draft
      else turn.results.set(call, built.outcome)
    }
    this.#turns.take(call, context, request.timeout, build, ({ draft, building, results }) => {
      const replaced = draft ? contexts.commit(context, draft) : building
      if (draft) results.set(call, undefined)
      if (replaced) this.#dismiss({ realm: replaced, context, reclaim: false })
      if (!contexts.get(context)) guard.gone(context)
    })
  }

  #destroy(call: number, context: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    this.#dismiss({ realm, context, reclaim: false })
    this.#out.outcome(call, context, undefined)
  }

  /** A realm is gone: answers the calls that waited for its promises. */
  #dismiss(farewell: Farewell): void {
    const { realm, context } = farewell
    for (const call of this.#suspensions.deleteRealm(realm)) {
      this.#out.reply(call, context, { op: Op.invalid, known: true })
    }
    this.#farewells.push(farewell)
  }

  /**
   * The last turn of a realm, on nobody's account. V8 takes what is in a microtask queue for
   * alive, and with it the realm and all it holds: the queue must be empty before it is let go.
   * It is so when its microtasks have run, or were cut short.
   */
  #part(farewell: Farewell): void {
    const { realm, context, reclaim } = farewell
    const { contexts, guard } = this.#options
    this.#out.reply(0, context, { op: Op.farewell, on: true })
    this.#out.flush()
    const drain = (): void => {
      realm.enter()
      realm.drain()
    }
    this.#turns.take(0, context, FAREWELL_TIMEOUT, drain, ({ cut }) => {
      realm.leave()
      this.#out.reply(0, context, { op: Op.farewell, on: false })
      // Perhaps before the first microtask: once more.
      if (cut) return void this.#farewells.push(farewell)
      // The number is in use when the context was reset.
      if (!contexts.get(context)) guard.gone(context)
      if (reclaim) guard.reclaim()
    })
  }

  /** The entry into a context, its microtasks, and whatever promises they settled. */
  #enter(
    call: number,
    context: number,
    request: TurnRequest & { op: typeof Op.evaluate | typeof Op.call },
  ): void {
    const realm = this.#options.contexts.get(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    const isBrisk = request.op === Op.call && realm.isBrisk && !request.apart
    this.#makeWay(isBrisk, call, context, request)
    const { timeout } = request
    const entry = this.#options.entries.into(realm, call, request)
    const run = (turn: Turn): void => {
      realm.enter()
      const outcome = realm.settle(entry())
      turn.results.set(call, outcome)
      this.#turns.settle(turn, realm, isPending(outcome))
    }
    this.#turns.take(call, context, timeout, run, ({ results, took }) => {
      realm.isBrisk = took < BRISK
      // The service was told of any other, and would put down to it what happens before its reply.
      this.#wasBrisk = isBrisk && realm.isBrisk
      if (isPending(results.get(call))) this.#suspensions.add(call, { realm, context })
    })
  }

  /**
   * What becomes of the replies before a turn. They must not wait behind one that may be long, or
   * never end, and which one it is the service should know: so they leave before it, unless it is
   * expected to be short. Should that one take longer, the watchdog sends them.
   */
  #makeWay(isBrisk: boolean, call: number, context: number, { op }: TurnRequest): void {
    if (isBrisk) return this.#out.hold()
    if (op === Op.call) this.#out.reply(call, context, { op: Op.begun })
    this.#out.flush()
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
    this.#suspensions.delete(call)
    this.#out.reply(call, suspension.context, { op: Op.timeout, started: true })
  }
}
