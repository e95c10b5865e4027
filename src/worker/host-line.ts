import { readSync, writeSync } from 'node:fs'
import { FrameReader } from '../wire/frame-reader.js'
import { FrameWriter } from '../wire/framing.js'
import { Op, SYNC_FD } from '../wire/protocol.js'
import { writeReply } from '../wire/replies.js'

const READ_SIZE = 64 * 1024

/**
 * The descriptor on which the main thread asks the host, and waits for the answer: nothing else of this
 * process runs meanwhile. Used between turns only: nothing may cut an exchange short.
 */
export class HostLine {
  readonly #out = new FrameWriter()
  readonly #reader: FrameReader
  readonly #buffer = Buffer.allocUnsafeSlow(READ_SIZE)
  #answer: Buffer | undefined

  /** `maxPayload` is in bytes. */
  constructor(maxPayload: number) {
    this.#reader = new FrameReader(maxPayload, (_op, _call, _context, payload) => {
      this.#answer = payload.rest()
    })
  }

  /**
   * Returns a byte that is 1 for a result and 0 for an error, and what there is of it, encoded: good until
   * the next question. Throws what the system says when the host is gone; the watchdog ends this process then.
   * `used` is what the turn has taken so far, in milliseconds.
   */
  ask(call: number, context: number, fn: number, args: Uint8Array, used: number): Uint8Array {
    writeReply(this.#out, call, context, { op: Op.ask, used, fn, args })
    for (const piece of this.#out.take()) {
      for (let at = 0; at < piece.length; ) at += writeSync(SYNC_FD, piece, at)
    }
    for (;;) {
      const size = readSync(SYNC_FD, this.#buffer)
      if (size === 0) throw new Error('the host is gone')
      this.#reader.push(this.#buffer.subarray(0, size))
      const answer = this.#answer
      if (!answer) continue
      this.#answer = undefined
      return answer
    }
  }
}
