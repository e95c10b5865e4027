import { LONGEST_ASIDE, Op } from '../wire/protocol.js'
import type { BuildRequest, Contexts, Draft } from './contexts.js'
import type { Entries } from './entries.js'
import type { Outbox } from './outbox.js'
import type { Realm } from './realm/realm.js'
import type { Suspensions } from './suspensions.js'
import type { Turn, TurnGuard, Turns } from './turns.js'

/** The budget of a realm's last turn, in milliseconds. */
const FAREWELL_TIMEOUT = 10

/** A realm that may have something left to run. */
interface Errand {
  readonly realm: Realm
  /** The number of the context that it is, was, or was to be. */
  readonly context: number
  /** Whether it is no context's any more, and its memory is wanted at once. */
  readonly reclaim: boolean
  /** Its budget in milliseconds. */
  readonly timeout: number
}

export interface ResidentsOptions {
  readonly contexts: Contexts
  readonly entries: Entries
  readonly guard: TurnGuard
  readonly outbox: Outbox
  readonly turns: Turns
  readonly suspensions: Suspensions
}

/** How contexts come and go: made on request or in advance, resumed, destroyed, evicted, and seen off. */
export class Residents {
  readonly #options: ResidentsOptions
  readonly #out: Outbox
  /** Realms whose turn on nobody's account is due, oldest first. */
  readonly #errands: Errand[] = []

  constructor(options: ResidentsOptions) {
    this.#options = options
    this.#out = options.outbox
  }

  /** Realms whose turn on nobody's account is due. */
  get due(): number {
    return this.#errands.length
  }

  /** Whether the next of them has to go for its memory. */
  get isPressing(): boolean {
    return this.#errands[0]?.reclaim ?? false
  }

  build(call: number, context: number, request: BuildRequest): void {
    const { contexts, entries, guard } = this.#options
    if (request.op === Op.reset && !contexts.get(context)) {
      return this.#out.reply(call, context, { op: Op.invalid, known: false })
    }
    this.#out.flush()
    const count = contexts.prepared
    const made = request.op === Op.init ? undefined : contexts.takePrepared()
    if (made) guard.taken(count, context)
    const build = (turn: Turn): void => {
      const built = entries.build(context, request, made, (realm) => {
        turn.building = realm
        turn.realm = realm
      })
      if ('draft' in built) turn.draft = built.draft
      else turn.result = built.outcome
    }
    const over = (turn: Turn): void => {
      const { draft, building } = turn
      const replaced = draft ? contexts.commit(context, draft) : (made ?? building)
      if (draft && request.op === Op.init && request.cache) {
        this.#out.parts(call, context, codesOf(draft))
      } else if (draft) turn.result = undefined
      // What start-up sources want of their host is asked for when the context is there.
      if (draft && context !== 0 && draft.realm.isEquipped) {
        this.resume(context, draft.realm, request.timeout)
      }
      if (replaced) this.#dismiss({ realm: replaced, context, reclaim: false })
      if (!contexts.get(context)) guard.gone(context)
    }
    // On nobody's account: no call of the service's is under way in it.
    this.#options.turns.take(call, context, request.timeout, build, over, 0)
  }

  destroy(call: number, context: number): void {
    const realm = this.#options.contexts.destroy(context)
    if (!realm) return this.#out.reply(call, context, { op: Op.invalid, known: false })
    this.#dismiss({ realm, context, reclaim: false })
    this.#out.outcome(call, context, undefined)
  }

  /** A realm is gone: answers the calls that waited for its promises. */
  #dismiss(farewell: Omit<Errand, 'timeout'>): void {
    const { realm, context } = farewell
    for (const call of this.#options.suspensions.deleteRealm(realm)) {
      this.#out.reply(call, context, { op: Op.invalid, known: true })
    }
    this.#see({ ...farewell, timeout: FAREWELL_TIMEOUT })
  }

  /** What has to go for its memory goes first. */
  #see(farewell: Errand): void {
    if (farewell.reclaim) this.#errands.unshift(farewell)
    else this.#errands.push(farewell)
  }

  /**
   * A turn was cut short that may have settled what other calls wait for: they are answered soon. Its
   * neighbours wait no longer for that than for the turn itself.
   */
  resume(context: number, realm: Realm, budget: number): void {
    const timeout = Math.max(FAREWELL_TIMEOUT, Math.min(LONGEST_ASIDE, budget))
    this.#errands.push({ realm, context, reclaim: false, timeout })
  }

  runErrand(): void {
    const errand = this.#errands.shift()
    if (!errand) return
    const { contexts, suspensions } = this.#options
    if (contexts.get(errand.context) !== errand.realm) this.#part(errand)
    else if (errand.realm.isEquipped || suspensions.has(errand.realm)) this.#settle(errand)
  }

  #settle({ realm, context, timeout }: Errand): void {
    const { turns } = this.#options
    const settle = (turn: Turn): void => {
      turn.resumes = true
      turn.realm = realm
      realm.enter()
      // What it wanted may have been lost with the turn that was cut short.
      realm.facilities.clock?.woken()
      turns.settle(turn, realm, false)
    }
    // Cut short, what is left waits for the context's next turn, or for the calls' own deadlines.
    this.#aside(context, timeout, settle, () => {})
  }

  /**
   * The last turn of a realm, on nobody's account. V8 takes what is in a microtask queue for
   * alive, and with it the realm and all it holds: the queue must be empty before it is let go.
   * It is so when its microtasks have run, or were cut short.
   */
  #part(farewell: Errand): void {
    const { realm, context, reclaim, timeout } = farewell
    const { contexts, guard } = this.#options
    const drain = (): void => {
      realm.enterLast()
      realm.drain()
    }
    this.#aside(context, timeout, drain, ({ cut }) => {
      realm.leave()
      // Perhaps before the first microtask: once more.
      if (cut) return this.#see(farewell)
      // The number is in use when the context was reset.
      if (!contexts.get(context)) guard.gone(context)
      if (reclaim) guard.reclaim()
      else guard.freed()
    })
  }

  /** A turn that nobody asked for. */
  #aside(
    context: number,
    timeout: number,
    work: (turn: Turn) => void,
    over: (turn: Turn) => void,
  ): void {
    this.#out.reply(0, context, { op: Op.aside, timeout })
    this.#out.flush()
    this.#options.turns.take(0, context, timeout, work, (turn) => {
      this.#out.reply(0, context, { op: Op.aside, timeout: 0 })
      over(turn)
    })
  }

  /** Destroys a context for the memory it holds. */
  evict(context: number, rss: number): void {
    if (context === 0) this.shed()
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

  /** Makes a realm in advance. */
  prepare(): void {
    const { contexts, guard } = this.#options
    const work = (turn: Turn): void => {
      const realm = contexts.prepare((made) => {
        turn.building = made
        turn.realm = made
      })
      turn.prepared = realm
    }
    this.#aside(0, LONGEST_ASIDE, work, ({ building, prepared }) => {
      if (prepared) return contexts.keep(prepared)
      contexts.stopPreparing()
      if (building) this.#dismiss({ realm: building, context: 0, reclaim: false })
      guard.gone(0)
    })
  }

  /** Lets go of the realms that were made in advance. */
  shed(): void {
    const realms = this.#options.contexts.clearPrepared()
    for (const [i, realm] of realms.entries()) {
      // One collection does for all.
      this.#dismiss({ realm, context: 0, reclaim: i === realms.length - 1 })
    }
  }
}

/** What its sources were compiled to, with the functions in them that have been called. */
function codesOf({ shared }: Draft): Uint8Array[] {
  return shared.map((script) => script.createCachedData())
}
