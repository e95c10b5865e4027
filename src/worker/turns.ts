import { Op, type Reply } from '../wire/protocol.js'
import type { Draft } from './contexts.js'
import type { Mail, Mailroom } from './mailroom.js'
import type { Outbox } from './outbox.js'
import type { Outcome, Primitive } from './realm/outcome.js'
import { BROKEN, isPending, type Realm } from './realm/realm.js'
import type { Suspensions } from './suspensions.js'

/** Stands for a result that there is not. */
export const OPEN = Symbol('open')

/** A turn and what it has found out so far, none of which is acted on before it is over. */
export interface Turn {
  /** 0 for a turn on nobody's account. */
  readonly call: number
  readonly context: number
  /** Its budget in milliseconds. */
  readonly timeout: number
  /** The call on whose account it is: 0 for none, -1 for one that was given up. */
  owner: number
  /** The realm it is in. */
  realm: Realm | undefined
  /** Whether it is the live context's after all, though on nobody's account. */
  resumes: boolean
  /** How its call ended, or that it waits for a promise; `OPEN` while it is not known. */
  result: Outcome | Primitive | typeof OPEN
  /** How calls ended that waited, in the order of it; made when there is one. */
  settled: Map<number, Outcome | Primitive> | undefined
  /** Another call, whose settled promise is being encoded. */
  settling: number
  /** What goes out when it is over, ahead of its replies. */
  mail: Mail[] | undefined
  /** In how many milliseconds a timer is due, if the service is to be told; or -1. */
  wakeIn: number
  /** The realm that is being built, and what has been built when that is done. */
  building: Realm | undefined
  draft: Draft | undefined
  /** The realm that was made in advance. */
  prepared: Realm | undefined
  /** Whether it was cut short. */
  cut: boolean
  /** How long it took in milliseconds, unless it was cut short. */
  took: number
}

export interface TurnOfCall {
  readonly context: number
  readonly call: number
  readonly owner: number
}

export interface TurnGuard {
  enter(timeout: number, turn: TurnOfCall): void
  /** What the turn has taken so far, in milliseconds, without the time it was paused. */
  ran(): number
  /** Leaves the turn for a while; returns what is left of its budget. Like `leave`, it may not return. */
  pause(): number
  /**
   * Goes on with a turn that was paused, for so many milliseconds, on account of `owner`. What has been
   * `spent` meanwhile counts as taken.
   */
  resume(timeout: number, turn: TurnOfCall, spent?: number): void
  /** Returns how long the turn took, in milliseconds. */
  leave(): number
  /** One of `count` contexts made in advance, as context 0, is that one from here on. */
  taken(count: number, context: number): void
  /** A context is gone: what it has grown by is nobody's. */
  gone(context: number): void
  /** A realm was let go of: where memory is short, it is worth looking for garbage. */
  freed(): void
  /** Has garbage collected soon: something big was let go. */
  reclaim(): void
}

export interface TurnsOptions {
  readonly guard: TurnGuard
  readonly outbox: Outbox
  readonly suspensions: Suspensions
  readonly mailroom: Mailroom
}

/**
 * Takes turns, one at a time, and answers what they found out.
 *
 * A turn can be cut short anywhere between `guard.enter` and `guard.leave`, without so much as
 * a `finally`: all it does is to fill in its `Turn`. Whatever must stay whole comes after.
 */
export class Turns {
  readonly #guard: TurnGuard
  readonly #out: Outbox
  readonly #suspensions: Suspensions
  readonly #mailroom: Mailroom
  #current: { readonly turn: Turn; readonly over: (turn: Turn) => void } | undefined

  constructor({ guard, outbox, suspensions, mailroom }: TurnsOptions) {
    this.#guard = guard
    this.#out = outbox
    this.#suspensions = suspensions
    this.#mailroom = mailroom
  }

  /** The turn under way, or cut short and not yet answered: nothing else runs until it is. */
  get current(): Turn | undefined {
    return this.#current?.turn
  }

  /**
   * One turn. `over` is called once it is left, or cut short and unwound, before what it has
   * found out is answered. Does not return from a turn that is cut short. It is on account of `owner`,
   * if not of its own call: 0 for nobody, -1 for one that was given up.
   */
  take(
    call: number,
    context: number,
    timeout: number,
    work: (turn: Turn) => void,
    over: (turn: Turn) => void,
    owner = call,
  ): void {
    const turn: Turn = {
      call,
      context,
      timeout,
      owner,
      realm: undefined,
      resumes: false,
      result: OPEN,
      settled: undefined,
      settling: 0,
      mail: undefined,
      wakeIn: -1,
      building: undefined,
      draft: undefined,
      prepared: undefined,
      cut: false,
      took: Number.POSITIVE_INFINITY,
    }
    this.#current = { turn, over }
    this.#guard.enter(timeout, turn)
    try {
      work(turn)
    } catch {
      // Only a script that changed its built-ins can have made the bridge throw. What it threw
      // is the script's, and is not looked at.
      if (turn.result === OPEN && call !== 0) turn.result = BROKEN
      if (turn.settling !== 0) turn.settled?.set(turn.settling, BROKEN)
    }
    turn.took = this.#guard.leave()
    this.#current = undefined
    over(turn)
    this.#answer(turn)
  }

  /** The turn under way was cut short, and has unwound. Returns it; `reply` tells of the cut. */
  cut(reply: Reply): Turn | undefined {
    if (!this.#current) return undefined
    const { turn, over } = this.#current
    const { call, context, settling, owner } = turn
    this.#current = undefined
    turn.draft = undefined
    turn.prepared = undefined
    turn.cut = true
    if (isPending(turn.result)) turn.result = OPEN
    over(turn)
    this.#answer(turn)
    if (turn.result === OPEN && call !== 0) this.#out.reply(call, context, reply)
    // It was on account of this one, and has used up what that had left.
    for (const other of new Set([settling, owner])) {
      if (other <= 0 || other === call || !this.#suspensions.get(other)) continue
      this.#suspensions.giveUp(other)
      this.#out.reply(other, context, reply)
    }
    if (turn.realm?.isEquipped) turn.realm.givenUp.push(call)
    return turn
  }

  /**
   * Within a turn: runs a realm's microtasks, and takes note of the calls that they settled.
   * `waits`: this turn's call may be among them.
   */
  settle(turn: Turn, realm: Realm, waits: boolean): void {
    realm.resumeRest()
    do {
      realm.drain()
      if (waits || this.#suspensions.has(realm)) {
        // Getters in what was settled may have left further microtasks.
        while (this.#collect(turn, realm)) realm.drain()
      }
      // So may promises of what can't go out.
    } while (!this.#mailroom.collect(turn, realm))
  }

  /** False when no call has been settled. */
  #collect(turn: Turn, realm: Realm): boolean {
    let call = realm.nextSettled()
    if (call === 0) return false
    for (; call !== 0; call = realm.nextSettled()) {
      // At once: its promise is out of the bridge's list.
      if (call === turn.call) {
        turn.result = OPEN
        turn.result = realm.settledOutcome()
      } else if (this.#waits(call)) {
        turn.settling = call
        turn.settled ??= new Map()
        turn.settled.set(call, realm.settledOutcome())
        turn.settling = 0
      }
    }
    return true
  }

  /** Whether a call waits for a promise. A withdrawn one was answered already. */
  #waits(call: number): boolean {
    return this.#suspensions.get(call) !== undefined
  }

  #answer(turn: Turn): void {
    const { call, context, result, settled } = turn
    this.#mailroom.send(turn)
    if (result !== OPEN) this.#settle(call, context, result)
    if (!settled) return
    for (const [other, outcome] of settled) {
      this.#suspensions.delete(other)
      this.#settle(other, context, outcome)
    }
  }

  #settle(call: number, context: number, outcome: Outcome | Primitive): void {
    if (isPending(outcome)) this.#out.reply(call, context, { op: Op.suspended })
    else this.#out.outcome(call, context, outcome)
  }
}
