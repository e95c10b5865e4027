import { FrameWriter } from '../wire/framing.js'
import { type Event, Op, type Reply, writeReply } from '../wire/protocol.js'
import type { ValueCodec } from '../wire/values/codec.js'
import type { Outcome, Primitive } from './realm/bridge.js'
import { exportBytes } from './realm/realm.js'

export interface OutboxOptions {
  /** Encodes what the worker itself answers: primitives, and lists of numbers. */
  readonly codec: ValueCodec
  /** The largest encoded result that may be sent, in bytes. */
  readonly maxResult: number
  readonly write: (pieces: Buffer[]) => void
  /** Bytes written that the service has not read. */
  readonly unread: () => number
}

/** Bytes of replies on their way, past which no further request is served. */
const WRITE_WINDOW = 1024 * 1024

/** Turns outcomes into replies. Used between turns only: nothing may cut a frame short. */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #frames = new FrameWriter()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  get hasRoom(): boolean {
    return this.#options.unread() < WRITE_WINDOW
  }

  outcome(call: number, context: number, outcome: Outcome | Primitive): void {
    if (typeof outcome !== 'object' || outcome === null) return this.value(call, context, outcome)
    switch (outcome.kind) {
      case 'bytes':
        return this.#bytes(call, context, exportBytes(outcome.bytes))
      case 'thrown': {
        const { name, message, stack } = outcome
        const extra = outcome.extra && exportBytes(outcome.extra)
        const size = (name.length + message.length + stack.length) * 3 + (extra?.length ?? 0)
        if (size > this.#options.maxResult) {
          return this.reply(call, context, { op: Op.oversize, size })
        }
        return this.reply(call, context, { op: Op.error, name, message, stack, extra })
      }
      case 'unserializable': {
        const { path, why } = outcome
        return this.reply(call, context, { op: Op.unserializable, path, why })
      }
    }
  }

  value(call: number, context: number, value: Primitive | number[]): void {
    this.#bytes(call, context, this.#options.codec.encode(value, 'result'))
  }

  reply(call: number, context: number, reply: Reply | Event): void {
    writeReply(this.#frames, call, context, reply)
  }

  /** Sends what has been answered so far. */
  flush(): void {
    if (this.#frames.size > 0) this.#options.write(this.#frames.take())
  }

  #bytes(call: number, context: number, value: Uint8Array): void {
    if (value.length > this.#options.maxResult) {
      this.reply(call, context, { op: Op.oversize, size: value.length })
    } else {
      this.reply(call, context, { op: Op.ok, value })
    }
  }
}
