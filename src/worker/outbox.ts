import { FrameWriter, textSize } from '../wire/framing.js'
import { type Event, HELD_TURNS, Op, type Reply } from '../wire/protocol.js'
import { writeReply } from '../wire/replies.js'
import {
  Encoded,
  type Simple,
  writeList,
  writeNumbers,
  writeParts,
  writeSimple,
} from '../wire/values/simple.js'
import type { HeldReplies } from './held-replies.js'
import { exportBytes } from './realm/export-bytes.js'
import type { Outcome, Primitive } from './realm/outcome.js'
import { BROKEN } from './realm/realm.js'

export interface OutboxOptions {
  /** The largest encoded result that may be sent, in bytes. */
  readonly maxResult: number
  readonly held: HeldReplies
  readonly write: (bytes: Buffer) => void
  /** Bytes written that the socket has not taken. */
  readonly unread: () => number
}

/** Bytes that a UTF-16 unit can take on the wire. */
const LONGEST_UNIT = 3

const EMPTY = new Uint8Array()

/** Turns outcomes into replies. Used between turns only: nothing may cut a frame short. */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #frames = new FrameWriter()
  /** Turns whose replies are held. */
  #turns = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /**
   * Whether all that was sent is out of this process's hands. No turn begins before it is: it would be
   * lost with a turn that brings the process down, and that turn put down to whom it belongs to.
   */
  get isClear(): boolean {
    return this.#options.unread() === 0
  }

  outcome(call: number, context: number, outcome: Outcome | Primitive): void {
    if (typeof outcome !== 'object' || outcome === null) return this.value(call, context, outcome)
    const { maxResult } = this.#options
    switch (outcome.kind) {
      case 'copied':
      case 'encoded': {
        const isCopied = outcome.kind === 'copied'
        const bytes = isCopied ? outcome.bytes : exportBytes(outcome.bytes, maxResult)
        if (bytes === undefined) return this.outcome(call, context, BROKEN)
        if (typeof bytes === 'number') return this.#oversize(call, context, bytes)
        if (isCopied) return this.#ok(call, context, bytes)
        return this.reply(call, context, { op: Op.ok, value: new Encoded(bytes) })
      }
      case 'thrown': {
        const { name, message, stack } = outcome
        const size = (name.length + message.length + stack.length) * LONGEST_UNIT
        const extra = outcome.extra && exportBytes(outcome.extra, maxResult)
        if (typeof extra === 'number') return this.#oversize(call, context, size + extra)
        return this.reply(call, context, { op: Op.error, name, message, stack, extra })
      }
      case 'unserializable': {
        const { path, why } = outcome
        return this.reply(call, context, { op: Op.unserializable, path, why })
      }
    }
  }

  value(call: number, context: number, value: Primitive): void {
    const { maxResult } = this.#options
    if (typeof value === 'string' && value.length * LONGEST_UNIT > maxResult) {
      // A string can be shared pieces, and takes no memory until it is looked at.
      const size = value.length > maxResult ? value.length : textSize(value)
      if (size > maxResult) return this.#oversize(call, context, size)
    }
    this.#ok(call, context, value)
  }

  #ok(call: number, context: number, value: Simple): void {
    this.#frames.begin(Op.ok, call, context)
    writeSimple(this.#frames, value)
    this.#frames.end()
  }

  /** What start-up sources were compiled to. */
  parts(call: number, context: number, parts: readonly Uint8Array[]): void {
    const size = parts.reduce((sum, { length }) => sum + length, 0)
    this.#frames.begin(Op.ok, call, context)
    // Nothing of any: the service then compiles itself.
    writeParts(this.#frames, size > this.#options.maxResult ? parts.map(() => EMPTY) : parts)
    this.#frames.end()
  }

  /** The numbers of contexts. */
  numbers(call: number, context: number, values: readonly number[]): void {
    this.#frames.begin(Op.ok, call, context)
    writeNumbers(this.#frames, values)
    this.#frames.end()
  }

  /** A host call; its arguments are encoded, or all simple. */
  hostCall(
    owner: number,
    context: number,
    id: number,
    fn: number,
    args: Uint8Array | readonly Simple[],
  ): void {
    this.#frames.begin(Op.hostCall, owner, context)
    this.#frames.u32(id)
    this.#frames.u16(fn)
    if (args instanceof Uint8Array) this.#frames.bytes(args)
    else writeList(this.#frames, args)
    this.#frames.end()
  }

  reply(call: number, context: number, reply: Reply | Event): void {
    writeReply(this.#frames, call, context, reply)
  }

  /** Sends what has been answered so far. */
  flush(): void {
    const { held, write, unread } = this.#options
    this.#turns = 0
    const replies = held.take()
    if (replies) write(replies)
    if (this.#frames.size > 0) for (const piece of this.#frames.take()) write(piece)
    held.open(unread() === 0)
  }

  /**
   * Holds what has been answered so far until after a turn that is expected to be short, unless it is
   * better sent.
   */
  hold(): void {
    if (this.#frames.size === 0) return
    if (++this.#turns > HELD_TURNS) return this.flush()
    const pieces = this.#frames.take()
    if (pieces.length === 1 && this.#options.held.add(pieces[0] as Buffer)) return
    this.flush()
    for (const piece of pieces) this.#options.write(piece)
    this.#options.held.open(this.#options.unread() === 0)
  }

  #oversize(call: number, context: number, size: number): void {
    this.reply(call, context, { op: Op.oversize, size })
  }
}
