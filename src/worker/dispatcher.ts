import { Op, type Request, type TurnRequest } from '../wire/protocol.js'
import type { Contexts } from './contexts.js'
import type { Entries } from './entries.js'
import type { Outbox } from './outbox.js'
import type { Outcome, Primitive } from './realm/bridge.js'
import { BROKEN, type Realm } from './realm/realm.js'

/** Turns made in a row before the socket is read again, in milliseconds. */
const SLICE = 5

interface Job {
  readonly call: number
  readonly context: number
  readonly request: Request
}

/** A suspended call: the realm whose promise it waits for, and its budget. */
interface Suspended {
  readonly context: number
  readonly realm: Realm
  readonly timeout: number
}

/** What a turn has found out so far; written only once the turn is left. */
interface Result {
  readonly call: number
  readonly outcome: Outcome | Primitive
}

export interface TurnGuard {
  enter(timeout: number, context: number): void
  leave(): void
  /** Contexts were let go of: has their memory collected. */
  reclaim(): void
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
 * a `finally`: what must stay whole is written before or after.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #out: Outbox
  #queue: Job[] = []
  readonly #suspended = new Map<number, Suspended>()
  /** The turn under way, or cut short and not yet answered: nothing else runs until it is. */
  #turn: { readonly call: number; readonly context: number; readonly results: Result[] } | undefined
  /** Something outside of turns may have settled promises. */
  #woken = false

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
      const job = this.#queue.shift()
      if (!job) break
      this.#serve(job)
      // A reply must not wait behind a turn that may be long, or never end; and which turn that
      // is, the service tells by the replies it has.
      this.#out.flush()
      if (this.#queue.length > 0 && performance.now() > until) {
        // What was withdrawn in the meantime must not start.
        this.#options.yield()
        break
      }
    }
    this.#out.flush()
  }

  /** Takes note that promises may have been settled outside of turns. */
  wake(): void {
    this.#woken = true
    this.#options.yield()
  }

  /** Goes on after a yield. */
  resume(): void {
    if (this.#turn === undefined && this.#woken) {
      this.#woken = false
      const realms = new Map<Realm, Suspended>()
      for (const suspended of this.#suspended.values()) realms.set(suspended.realm, suspended)
      for (const { realm, context, timeout } of realms.values()) {
        this.#take(0, context, timeout, (results) => this.#settle(realm, results))
      }
    }
    this.run()
  }

  /** The turn under way was cut short, and has unwound; by its memory if `rss` is given. */
  ended(rss?: number): void {
    const turn = this.#turn
    if (!turn) return
    this.#turn = undefined
    const { call, context, results } = turn
    const { contexts } = this.#options
    contexts.get(context)?.bridge.dropCodec()
    this.#answer(context, results)
    this.#forget(call)
    if (call !== 0 && !results.some((result) => result.call === call)) {
      this.#out.reply(
        call,
        context,
        rss === undefined ? { op: Op.timeout, started: true } : { op: Op.memory, rss },
      )
    }
    if (rss !== undefined) this.evict(context, rss)
    this.resume()
  }

  /** Destroys a context for the memory it holds. */
  evict(context: number, rss: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (realm) {
      this.#out.reply(0, context, { op: Op.evicted, rss })
      this.#drop(realm, context)
      this.#out.flush()
    }
    this.#options.guard.reclaim()
  }

  #serve({ call, context, request }: Job): void {
    switch (request.op) {
      case Op.destroy:
        return this.#destroy(call, context)
      case Op.inventory:
        return this.#out.value(call, context, this.#options.contexts.numbers())
      case Op.abandon:
        return
      case Op.reset:
        return this.#reset(call, context, request)
      case Op.init:
      case Op.create:
        return this.#take(call, context, request.timeout, (results) => {
          results.push({ call, outcome: this.#options.entries.build(context, request) })
        })
      case Op.evaluate:
      case Op.call:
        return this.#enter(call, context, request)
    }
  }

  /** One turn. What it has found out when it is left, or cut short, is answered. */
  #take(call: number, context: number, timeout: number, work: (results: Result[]) => void): void {
    const results: Result[] = []
    this.#turn = { call, context, results }
    this.#options.guard.enter(timeout, context)
    try {
      work(results)
    } catch {
      // Only a script that changed its built-ins can have made the bridge throw. What it threw
      // is the script's, and is not looked at.
      results.push({ call, outcome: BROKEN })
    }
    this.#options.guard.leave()
    this.#turn = undefined
    this.#answer(context, results)
  }

  #answer(context: number, results: readonly Result[]): void {
    for (const { call, outcome } of results) {
      if (call !== 0) this.#out.outcome(call, context, outcome)
    }
  }

  #reset(call: number, context: number, request: TurnRequest & { op: typeof Op.reset }): void {
    const before = this.#options.contexts.get(context)
    if (!before) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    this.#take(call, context, request.timeout, (results) => {
      results.push({ call, outcome: this.#options.entries.build(context, request) })
    })
    if (this.#options.contexts.get(context) !== before) this.#drop(before, context)
  }

  #destroy(call: number, context: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    this.#drop(realm, context)
    this.#out.outcome(call, context, undefined)
  }

  /** Answers the calls that waited for promises of a realm that is gone. */
  #drop(realm: Realm, context: number): void {
    for (const call of realm.suspended) {
      this.#forget(call)
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
    this.#take(call, context, timeout, (results) => {
      const outcome = realm.settle(entry())
      if (isPending(outcome)) {
        realm.suspended.add(call)
        this.#suspended.set(call, { context, realm, timeout })
      } else {
        results.push({ call, outcome })
      }
      this.#settle(realm, results)
    })
    if (realm.suspended.has(call)) this.#out.reply(call, context, { op: Op.suspended })
  }

  /** Runs a realm's microtasks, and takes note of the calls that they settled. */
  #settle(realm: Realm, results: Result[]): void {
    realm.drain()
    if (realm.suspended.size === 0) return
    for (let next = realm.takeSettled(); next; next = realm.takeSettled()) {
      const { call, outcome } = next
      // An abandoned call was answered already.
      if (!realm.suspended.delete(call)) continue
      this.#suspended.delete(call)
      results.push({ call, outcome })
    }
  }

  #abandon(call: number): void {
    const queued = this.#queue.findIndex((job) => job.call === call)
    const job = this.#queue[queued]
    if (job) {
      this.#queue.splice(queued, 1)
      return this.#out.reply(call, job.context, { op: Op.timeout, started: false })
    }
    const context = this.#forget(call)
    // Otherwise it was answered while the withdrawal was under way.
    if (context !== undefined) this.#out.reply(call, context, { op: Op.timeout, started: true })
  }

  /** Stops waiting for a call's promise; its context if there was one to wait for. */
  #forget(call: number): number | undefined {
    const suspended = this.#suspended.get(call)
    this.#suspended.delete(call)
    suspended?.realm.suspended.delete(call)
    return suspended?.context
  }
}

function isPending(outcome: Outcome | Primitive): boolean {
  return typeof outcome === 'object' && outcome !== null && outcome.kind === 'pending'
}
