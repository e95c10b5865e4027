import type { Socket } from 'node:net'
import type { FieldReader } from '../wire/fields.js'
import { FrameReader } from '../wire/frame-reader.js'
import { FrameError, FrameWriter } from '../wire/framing.js'
import { Op } from '../wire/protocol.js'
import type { Answer } from './mail.js'

export interface AskLineOptions {
  readonly socket: Socket
  /** The largest payload that may come, in bytes. */
  readonly maxPayload: number
  /** Throws `FrameError` when an honest process could not have sent that. */
  readonly onAsk: (
    op: number,
    call: number,
    context: number,
    payload: FieldReader,
    answer: Answer,
  ) => void
  /** The process broke the protocol. */
  readonly onBroken: (error: FrameError) => void
}

/** The service's end of the descriptor on which scripts ask their host, and wait. */
export class AskLine {
  readonly #out = new FrameWriter()

  constructor({ socket, maxPayload, onAsk, onBroken }: AskLineOptions) {
    const reader = new FrameReader(maxPayload, (op, call, context, payload) => {
      onAsk(op, call, context, payload, (outcome) => {
        this.#out.begin(Op.answer, call, context)
        this.#out.u8(outcome.ok ? 1 : 0)
        this.#out.bytes(outcome.value)
        this.#out.end()
        for (const piece of this.#out.take()) socket.write(piece)
      })
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
        onBroken(error)
      }
    })
    // Writing to a process that just died is no news: its exit is.
    socket.on('error', () => {})
  }
}
