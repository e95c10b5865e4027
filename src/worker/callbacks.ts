import { Op, type Request } from '../wire/protocol.js'
import type { Contexts } from './contexts.js'
import type { Outbox } from './outbox.js'
import type { Realm } from './realm/realm.js'
import type { Suspension, Suspensions } from './suspensions.js'
import type { Turn, TurnGuard, Turns } from './turns.js'

/** Timers that are due are called in one turn while they have taken no more than this part of its budget. */
const ENOUGH = 10

export interface CallbacksOptions {
  readonly contexts: Contexts
  readonly outbox: Outbox
  readonly suspensions: Suspensions
  readonly turns: Turns
  readonly guard: TurnGuard
}

/** Turns in which scripts go on: a host call has ended, or timers are due. */
export class Callbacks {
  readonly #options: CallbacksOptions

  constructor(options: CallbacksOptions) {
    this.#options = options
  }

  resume(call: number, context: number, request: Request & { op: typeof Op.resume }): void {
    const { over, ended, timeout, alone } = request
    const account = this.#accountOf(request.owner, context)
    // That call may have ended since this was sent.
    const isAlone = request.owner !== 0 && !account
    const budget = isAlone ? alone : Math.min(timeout, account?.left ?? timeout)
    const owner = over ? -1 : account ? request.owner : 0
    this.#enter(call, context, budget, owner, (_turn, realm) => realm.resume(ended))
  }

  wake(call: number, context: number, { timeout }: Request & { op: typeof Op.wake }): void {
    const { guard, turns } = this.#options
    this.#enter(call, context, timeout, 0, (turn, realm) => {
      const { clock } = realm.facilities
      // It was reset.
      if (!clock) return
      clock.woken()
      const now = performance.now()
      // What others had has to be enough for the next: or it is called in another turn.
      while (guard.ran() * ENOUGH <= timeout) {
        const owner: unknown = clock.due(now)
        // Its script may have changed what it reckons with.
        if (typeof owner !== 'number' || !(owner >= 0)) return
        const account = this.#accountOf(owner, context)
        // A stretch of the turn for each, in what its own call has left.
        const left = this.#go(turn, account ? owner : 0, account?.left ?? timeout)
        const before = guard.ran()
        clock.fire(turn.owner !== 0)
        // Each timer's microtasks, and what they have settled, before the next one's.
        turns.settle(turn, realm, false)
        clock.done(now)
        const took = guard.ran() - before
        if (account) account.left -= took
        this.#go(turn, 0, left - took)
      }
    })
  }

  /** Goes on with a turn, on account of another call. Returns what the turn had left, in milliseconds. */
  #go(turn: Turn, owner: number, budget: number): number {
    const { guard } = this.#options
    const left = guard.pause()
    turn.owner = owner
    guard.resume(Math.min(budget, left), turn)
    return left
  }

  /** A call that waits for a promise of that context, if it is one. */
  #accountOf(owner: number, context: number): Suspension | undefined {
    const realm = this.#options.contexts.get(context)
    const suspension = this.#options.suspensions.get(owner)
    return suspension?.realm === realm ? suspension : undefined
  }

  #enter(
    call: number,
    context: number,
    timeout: number,
    owner: number,
    work: (turn: Turn, realm: Realm) => void,
  ): void {
    const realm = this.#options.contexts.get(context)
    if (!realm) return this.#options.outbox.reply(call, context, { op: Op.invalid, known: false })
    const { turns, suspensions } = this.#options
    const run = (turn: Turn): void => {
      turn.realm = realm
      realm.enter()
      work(turn, realm)
      turns.settle(turn, realm, false)
      turn.result = undefined
    }
    const over = ({ took, cut }: Turn): void => {
      const account = suspensions.get(owner)
      if (account && !cut) account.left -= took
    }
    turns.take(call, context, timeout, run, over, owner)
  }
}
