import type { HostLine } from './host-line.js'
import type { Outbox } from './outbox.js'
import { exportBytes } from './realm/export-bytes.js'
import { CROSS } from './realm/facilities.js'
import type { Primitive } from './realm/outcome.js'
import { answerWeb } from './realm/web/answer.js'
import type { Cross } from './realm/web/ops.js'
import type { Turn, TurnGuard } from './turns.js'

export interface CrossingOptions {
  readonly line: HostLine
  readonly guard: TurnGuard
  readonly outbox: Outbox
  /** The turn under way. */
  readonly turn: () => Turn | undefined
  /** The largest encoded arguments, in bytes. */
  readonly maxSize: number
  /** The most bytes that are taken out of a context at once. */
  readonly maxBytes: number
  /** Whether the time that the host takes counts as the script's. */
  readonly countsTime: boolean
}

/**
 * What contexts ask within a turn. They are given primitives, and bytes of their own realm; what is thrown
 * here, they never see (see `host-hooks.ts`).
 */
export class Crossing {
  readonly #options: CrossingOptions

  constructor(options: CrossingOptions) {
    this.#options = options
  }

  readonly answer: Cross = (op, a, b, c) => {
    switch (op) {
      case CROSS.account:
        this.#equip()
        return this.#options.turn()?.owner ?? 0
      case CROSS.now:
        return performance.now()
      case CROSS.ask:
        return this.#ask(a, b)
      case CROSS.equip:
        this.#equip()
        return 0
      default:
        return this.#answerWeb(op, a, b, c)
    }
  }

  /** There is something to look after when turns of that realm end. */
  #equip(): void {
    const realm = this.#options.turn()?.realm
    if (realm) realm.isEquipped = true
  }

  #answerWeb(...[op, a, b, c]: Parameters<Cross>): ReturnType<Cross> {
    const given = typeof a === 'object' && a !== null ? exportBytes(a, this.#options.maxBytes) : a
    const answer = answerWeb(op, given, b, c)
    if (typeof answer !== 'object' || answer === null) return answer
    return this.#options.turn()?.realm?.importBytes(answer)
  }

  /** The answer; or the size of arguments that are too large, in bytes. */
  #ask(args: Primitive | Uint8Array, fn: Primitive): Uint8Array | number | undefined {
    const { guard, outbox, maxSize, countsTime } = this.#options
    const turn = this.#options.turn()
    const { realm } = turn ?? {}
    // A context in the making has no number that the host would know; nor has a call that was given up.
    if (!turn || !realm || turn.context === 0 || turn.owner < 0) return undefined
    if (typeof fn !== 'number') return undefined
    const bytes = exportBytes(args as Uint8Array, maxSize)
    if (bytes === undefined) return undefined
    if (typeof bytes === 'number') return bytes
    // Nothing must fail for want of stack once something has been sent.
    if (!hasRoom()) return undefined
    const used = guard.ran()
    // The host's time is no turn: nothing can be cut short in it.
    const left = guard.pause()
    // What is held would wait for the watchdog, which sees no turn.
    outbox.flush()
    const begun = performance.now()
    const answer = this.#exchange(turn, fn, bytes, used)
    const spent = countsTime ? performance.now() - begun : 0
    guard.resume(left - spent, turn, spent)
    return realm.importBytes(answer)
  }

  #exchange({ owner, context }: Turn, fn: number, args: Uint8Array, used: number): Uint8Array {
    try {
      return this.#options.line.ask(owner, context, fn, args, used)
    } catch {
      // The host is gone; or what has been said on that line is not known any more.
      process.kill(process.pid, 'SIGKILL')
      for (;;);
    }
  }
}

/** Several times what an exchange takes of the stack: scripts can call it at the very end. */
const ROOM = 120

function hasRoom(): boolean {
  try {
    takeRoom(ROOM)
    return true
  } catch {
    return false
  }
}

function takeRoom(frames: number, ...rest: number[]): number {
  if (frames === 0) return rest.length
  return takeRoom(frames - 1, frames, frames, frames, frames) + 1
}
