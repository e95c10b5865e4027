import { Op, type Reply, type Request, type TurnRequest } from '../wire/protocol.js'
import type { BuildRequest, Contexts, Draft } from './contexts.js'
import type { Entries } from './entries.js'
import type { Outbox } from './outbox.js'
import type { Outcome, Primitive } from './realm/bridge.js'
import { BROKEN, isPending, type Realm } from './realm/realm.js'
import { Suspensions } from './suspensions.js'

/** Turns made in a row before the socket is read again, in milliseconds. */
const SLICE = 5

interface Job {
  readonly call: number
  readonly context: number
  readonly request: Request
}

/** A turn and what it has found out so far, none of which is acted on before it is over. */
interface Turn {
  readonly call: number
  readonly context: number
  /** How calls ended, or that they wait for a promise. */
  readonly results: Map<number, Outcome | Primitive>
  /** Another call, whose settled promise is being encoded. */
  settling: number
  /** What the turn has built. */
  draft: Draft | undefined
}

export interface TurnGuard {
  enter(timeout: number, context: number, call: number): void
  leave(): void
  /** A context is gone: forgets what it has grown by, and has its memory collected if asked. */
  gone(context: number, reclaim: boolean): void
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
 *
 * A turn can be cut short anywhere between `guard.enter` and `guard.leave`, without so much as
 * a `finally`: all it does is to fill in its `Turn`. Whatever must stay whole comes after.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #out: Outbox
  readonly #suspensions = new Suspensions()
  #queue: Job[] = []
  /** The turn under way, or cut short and not yet answered: nothing else runs until it is. */
  #turn: Turn | undefined
  /** Realms to look after, since something outside of turns may have settled their promises. */
  #woken: Realm[] = []
  #stirred = false
  /** Withdrawals that came while a turn that was cut short had yet to be answered. */
  readonly #late: number[] = []
  readonly #evictions: { context: number; rss: number }[] = []

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#out = options.outbox
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
    while (this.#turn === undefined && this.#out.hasRoom) {
      const woken = this.#woken.shift()
      const job = woken === undefined ? this.#queue.shift() : undefined
      if (woken !== undefined) this.#wake(woken)
      else if (job) this.#serve(job)
      else break
      // A reply must not wait behind a turn that may be long, or never end; and which turn that
      // is, the service tells by the replies it has.
      this.#out.flush()
      if (this.#queue.length > 0 && performance.now() > until) {
        // What was withdrawn in the meantime must not start.
        this.#options.yield()
        break
      }
    }
  }

  /** Takes note, within a turn, that promises will be settled outside of turns. */
  wake(): void {
    this.#stirred = true
  }

  /** Goes on after a yield. */
  resume(): void {
    if (this.#stirred) {
      this.#stirred = false
      this.#woken = this.#suspensions.realms()
    }
    this.run()
  }

  /** The turn under way was cut short, and has unwound; by its memory if `rss` is given. */
  ended(rss?: number): void {
    const turn = this.#turn
    if (!turn) return
    this.#turn = undefined
    const { call, context, results, settling } = turn
    this.#options.contexts.get(context)?.dropCodec()
    if (isPending(results.get(call))) results.delete(call)
    this.#answer(turn)
    const reply: Reply =
      rss === undefined ? { op: Op.timeout, started: true } : { op: Op.memory, rss }
    for (const cut of new Set([call, settling])) {
      if (results.has(cut) || !this.#owes(turn, cut)) continue
      this.#suspensions.delete(cut)
      this.#out.reply(cut, context, reply)
    }
    if (this.#stirred) this.#options.yield()
    for (const late of this.#late.splice(0)) this.#abandon(late)
    if (rss !== undefined) this.evict(context, rss)
    if (!this.#options.contexts.get(context)) this.#options.guard.gone(context, false)
    for (const eviction of this.#evictions.splice(0)) this.evict(eviction.context, eviction.rss)
    this.run()
  }

  /** Destroys a context for the memory it holds. */
  evict(context: number, rss: number): void {
    // Its turn was cut short, and its call must be answered first.
    if (this.#turn) return void this.#evictions.push({ context, rss })
    const realm = this.#options.contexts.destroy(context)
    if (realm) {
      this.#out.reply(0, context, { op: Op.evicted, rss })
      this.#drop(realm, context)
      this.#out.flush()
    }
    this.#options.guard.gone(context, true)
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

  /** One turn. What it has found out when it is left, or cut short, is answered. */
  #take(call: number, context: number, timeout: number, work: (turn: Turn) => void): Turn {
    const turn: Turn = { call, context, results: new Map(), settling: 0, draft: undefined }
    this.#turn = turn
    this.#options.guard.enter(timeout, context, call)
    try {
      work(turn)
    } catch {
      // Only a script that changed its built-ins can have made the bridge throw. What it threw
      // is the script's, and is not looked at.
      for (const failed of [call, turn.settling]) {
        if (!turn.results.has(failed) && this.#owes(turn, failed)) turn.results.set(failed, BROKEN)
      }
    }
    this.#options.guard.leave()
    this.#turn = undefined
    if (this.#stirred) this.#options.yield()
    if (turn.draft) {
      const before = this.#options.contexts.commit(context, turn.draft)
      if (before) this.#drop(before, context)
      turn.results.set(call, undefined)
    }
    this.#answer(turn)
    return turn
  }

  /** Whether a call still has to be answered. */
  #owes(turn: Turn, call: number): boolean {
    return call !== 0 && (call === turn.call || this.#suspensions.get(call) !== undefined)
  }

  #answer({ context, results }: Turn): void {
    for (const [call, outcome] of results) {
      if (isPending(outcome)) {
        this.#out.reply(call, context, { op: Op.suspended })
      } else {
        this.#suspensions.delete(call)
        this.#out.outcome(call, context, outcome)
      }
    }
  }

  #build(call: number, context: number, request: BuildRequest): void {
    const { contexts, entries } = this.#options
    if (request.op === Op.reset && !contexts.get(context)) {
      return this.#out.reply(call, context, { op: Op.invalid, known: false })
    }
    this.#take(call, context, request.timeout, (turn) => {
      const built = entries.build(context, request)
      if ('draft' in built) turn.draft = built.draft
      else turn.results.set(call, built.outcome)
    })
    if (!contexts.get(context)) this.#options.guard.gone(context, false)
  }

  #destroy(call: number, context: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    this.#drop(realm, context)
    this.#options.guard.gone(context, false)
    this.#out.outcome(call, context, undefined)
  }

  /** Answers the calls that waited for promises of a realm that is gone. */
  #drop(realm: Realm, context: number): void {
    for (const call of this.#suspensions.deleteRealm(realm)) {
      this.#out.reply(call, context, { op: Op.invalid, known: true })
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
    const { timeout } = request
    const entry = this.#options.entries.into(realm, call, request)
    const { results } = this.#take(call, context, timeout, (turn) => {
      const outcome = realm.settle(entry())
      turn.results.set(call, outcome)
      this.#settle(realm, turn, isPending(outcome))
    })
    if (isPending(results.get(call))) this.#suspensions.add(call, { realm, context, timeout })
  }

  /** A turn for promises alone, on the account of one call that waits for such. */
  #wake(realm: Realm): void {
    const call = this.#suspensions.firstOf(realm)
    const suspension = call === undefined ? undefined : this.#suspensions.get(call)
    if (call === undefined || !suspension) return
    const { context, timeout } = suspension
    this.#out.reply(call, context, { op: Op.resumed })
    this.#out.flush()
    this.#take(call, context, timeout, (turn) => this.#settle(realm, turn, true))
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
    if (this.#turn) return void this.#late.push(call)
    const suspension = this.#suspensions.get(call)
    // Otherwise it was answered while the withdrawal was under way.
    if (!suspension) return
    this.#suspensions.delete(call)
    this.#out.reply(call, suspension.context, { op: Op.timeout, started: true })
  }
}
