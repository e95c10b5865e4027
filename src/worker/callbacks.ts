import { Op, type Request } from '../wire/protocol.js'
import type { Contexts } from './contexts.js'
import type { Outbox } from './outbox.js'
import type { Realm } from './realm/realm.js'
import type { Suspensions } from './suspensions.js'
import type { Turn, Turns } from './turns.js'

export interface CallbacksOptions {
  readonly contexts: Contexts
  readonly outbox: Outbox
  readonly suspensions: Suspensions
  readonly turns: Turns
}

/** Turns in which scripts go on: a host call has ended, or timers are due. */
export class Callbacks {
  readonly #options: CallbacksOptions

  constructor(options: CallbacksOptions) {
    this.#options = options
  }

  resume(call: number, context: number, request: Request & { op: typeof Op.resume }): void {
    const { id, owner, over, outcome, timeout } = request
    this.#enter(call, context, timeout, (turn, realm) => {
      turn.owner = over ? -1 : owner
      realm.resume(id, outcome)
    })
  }

  wake(call: number, context: number, { timeout }: Request & { op: typeof Op.wake }): void {
    const { suspensions } = this.#options
    this.#enter(call, context, timeout, (turn, realm) => {
      turn.owner = 0
      const { clock } = realm.facilities
      // It was reset.
      if (!clock) return
      clock.woken()
      const now = performance.now()
      for (;;) {
        const owner: unknown = clock.due(now)
        if (typeof owner !== 'number' || !(owner >= 0)) return
        turn.owner = suspensions.isOf(owner, realm) ? owner : 0
        clock.fire(now, turn.owner !== 0)
        // Each timer's microtasks before the next one's.
        realm.drain()
      }
    })
  }

  #enter(
    call: number,
    context: number,
    timeout: number,
    work: (turn: Turn, realm: Realm) => void,
  ): void {
    const realm = this.#options.contexts.get(context)
    if (!realm) return this.#options.outbox.reply(call, context, { op: Op.invalid, known: false })
    const { turns } = this.#options
    const run = (turn: Turn): void => {
      turn.realm = realm
      realm.enter()
      work(turn, realm)
      turns.settle(turn, realm, false)
      turn.result = undefined
    }
    turns.take(call, context, timeout, run, () => {})
  }
}
