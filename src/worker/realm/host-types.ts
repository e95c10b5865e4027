import type { ValueCodec } from '../../wire/values/codec.js'
import type { ValueProblem } from '../../wire/values/format.js'
import type { Primitive } from './outcome.js'

/** What goes out at the end of a turn; made in the context, with data fields of its own alone. */
export type Outgoing =
  | {
      readonly kind: 'call'
      /** The call on whose account it was made, or 0. */
      readonly owner: number
      readonly fn: number
      /** So many primitives in `args`; or -1 when they need `pack`. */
      readonly count: number
      readonly args: readonly Primitive[]
    }
  | { readonly kind: 'line'; readonly level: number; readonly text: string }

export interface Host {
  /** Adds functions: their names, each after `s` if it waits or `a`, joined by U+0000. */
  add(names: string): void
  /** What goes out next, if anything: `take` it, or `refuse` it. */
  peek(): Outgoing | undefined
  /** Takes it out; if that is a call, `id` is its number from then on. */
  take(id: number): void
  /** The arguments of the call that goes out next; undefined when it has been tried, and was cut short. */
  pack(): Uint8Array | undefined
  /** That call can't go out. */
  refuse(why: string): void
  /** A host call's result: a primitive, or encoded. */
  resolve(id: number, value: Primitive): void
  resolveEncoded(id: number, bytes: Uint8Array): void
  reject(id: number, name: string, message: string): void
  /** Puts a line of the console on its way. */
  line(level: number, text: string): void
}

export interface HostParts {
  readonly codec: ValueCodec
  /** What the codec has reported, if it is that which it threw. */
  problemOf(error: unknown): ValueProblem | undefined
  /** The call on whose account the turn is; 0 for none, -1 for one that was given up. */
  account(): number
  /** Says that there is something to take out when the turn ends. */
  equip(): void
  /**
   * Asks the host and waits: an encoded outcome after a byte that is 1 for a result, 0 for an error. A
   * number when the arguments are larger than `maxSize`, in bytes.
   */
  ask(fn: number, args: Uint8Array): Uint8Array | number | undefined
  readonly maxSize: number
  /** Host calls of this context that may be under way. */
  readonly maxPending: number
}
