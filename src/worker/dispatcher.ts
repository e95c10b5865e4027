import { Op, type Request, type TurnRequest } from '../wire/protocol.js'
import type { BuildRequest, Contexts } from './contexts.js'
import type { Entries } from './entries.js'
import type { Outbox } from './outbox.js'
import { isPending, type Realm } from './realm/realm.js'
import { Suspensions } from './suspensions.js'
import { type Turn, type TurnGuard, Turns } from './turns.js'

/** Turns made in a row before the socket is read again, in milliseconds. */
const SLICE = 5
/** The budget of a realm's last turn, in milliseconds. */
const FAREWELL = 10

interface Job {
  readonly call: number
  readonly context: number
  readonly request: Request
}

/** A realm that is no context's any more, but may have something left to run. */
interface Departed {
  readonly realm: Realm
  readonly context: number
  /** Whether its memory is wanted at once. */
  readonly reclaim: boolean
}

export interface DispatcherOptions {
  readonly contexts: Contexts
  readonly entries: Entries
  readonly guard: TurnGuard
  readonly outbox: Outbox
  /** Has `resume` called once the socket has been read. */
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
  /** Realms to look after, since something outside of turns may have settled their promises. */
  #woken: Realm[] = []
  #stirred = false
  readonly #departed: Departed[] = []
  /** Those that something outside of turns may still put something into. */
  readonly #departing: Departed[] = []
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
    // Results that the service does not read yet must not pile up: `resume` is called when it has.
    while (this.#turns.current === undefined && this.#out.hasRoom) {
      if (!this.#next()) break
      // A reply must not wait behind a turn that may be long, or never end; and which turn that
      // is, the service tells by the replies it has.
      this.#out.flush()
      if (this.#queue.length > 0 && performance.now() > until) {
        // What was withdrawn in the meantime must not start.
        this.#options.yield()
        break
      }
    }
    if (this.#stirred) this.#options.yield()
  }

  /** Takes note, within a turn, that promises will be settled outside of turns. */
  wake(): void {
    // Nobody is there any more to wait for them.
    if (this.#turns.current?.call === 0) this.#options.guard.expire()
    this.#stirred = true
  }

  /** Goes on after a yield. */
  resume(): void {
    if (this.#stirred) {
      this.#stirred = false
      this.#woken = this.#suspensions.realms()
      this.#departed.push(...this.#departing.splice(0))
    }
    this.run()
  }

  /** The turn under way was cut short, and has unwound; by its memory if `rss` is given. */
  ended(rss?: number): void {
    const turn = this.#turns.cut(
      rss === undefined ? { op: Op.timeout, started: true } : { op: Op.memory, rss },
    )
    if (!turn) return
    this.#options.contexts.get(turn.context)?.dropCodec()
    for (const late of this.#late.splice(0)) this.#abandon(late)
    if (rss !== undefined) this.#evict(turn.context, rss)
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
    if (!realm) return this.#options.guard.gone(context, true)
    this.#out.reply(0, context, { op: Op.evicted, rss })
    this.#depart(realm, context, true)
  }

  /** Takes the turn that is due next; false when none is. */
  #next(): boolean {
    const departed = this.#departed.shift()
    const woken = departed ? undefined : this.#woken.shift()
    const job = departed || woken ? undefined : this.#queue.shift()
    if (departed) this.#part(departed)
    else if (woken) this.#wake(woken)
    else if (job) this.#serve(job)
    else return false
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
      if (replaced) this.#depart(replaced, context, false)
      if (!contexts.get(context)) guard.gone(context, false)
    })
  }

  #destroy(call: number, context: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    this.#depart(realm, context, false)
    this.#out.outcome(call, context, undefined)
  }

  /** Answers the calls that waited for promises of a realm that is gone. */
  #depart(realm: Realm, context: number, reclaim: boolean): void {
    for (const call of this.#suspensions.deleteRealm(realm)) {
      this.#out.reply(call, context, { op: Op.invalid, known: true })
    }
    const list = this.#stirred ? this.#departing : this.#departed
    list.push({ realm, context, reclaim })
  }

  /**
   * The last turn of a realm, on nobody's account. V8 takes what is in a microtask queue for
   * alive, and with it the realm and all it holds: the queue must be empty before it is let go.
   * It is so when its microtasks have run, or when they were cut short.
   */
  #part({ realm, context, reclaim }: Departed): void {
    const { contexts, guard } = this.#options
    this.#out.reply(0, context, { op: Op.farewell, on: true })
    this.#out.flush()
    const drain = (): void => realm.drain()
    this.#turns.take(0, context, FAREWELL, drain, () => {
      this.#out.reply(0, context, { op: Op.farewell, on: false })
      // Not when it was reset.
      if (!contexts.get(context)) guard.gone(context, reclaim)
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
    const { timeout } = request
    const entry = this.#options.entries.into(realm, call, request)
    const run = (turn: Turn): void => {
      const outcome = realm.settle(entry())
      turn.results.set(call, outcome)
      this.#settle(realm, turn, isPending(outcome))
    }
    this.#turns.take(call, context, timeout, run, ({ results }) => {
      if (isPending(results.get(call))) this.#suspensions.add(call, { realm, context, timeout })
    })
  }

  /** A turn for promises alone, on the account of one call that waits for such. */
  #wake(realm: Realm): void {
    const call = this.#suspensions.firstOf(realm)
    const suspension = call === undefined ? undefined : this.#suspensions.get(call)
    if (call === undefined || !suspension) return
    const { context, timeout } = suspension
    this.#out.reply(call, context, { op: Op.resumed })
    this.#out.flush()
    const run = (turn: Turn): void => this.#settle(realm, turn, true)
    this.#turns.take(call, context, timeout, run, () => {})
    if (this.#suspensions.get(call)) this.#out.reply(call, context, { op: Op.suspended })
  }

  /** Runs a realm's microtasks, and takes note of the calls that they settled. */
  #settle(realm: Realm, turn: Turn, waits: boolean): void {
    realm.drain()
    if (!waits && !this.#suspensions.has(realm)) return
    for (let call = realm.nextSettled(); call !== 0; call = realm.nextSettled()) {
      // At once: its promise is out of the bridge's list.
      turn.settling = call
      // A withdrawn call was answered already.
      if (call !== turn.call && !this.#suspensions.get(call)) continue
      turn.results.delete(call)
      turn.results.set(call, realm.settledOutcome())
    }
    turn.settling = 0
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
