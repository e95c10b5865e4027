import { FieldReader } from './fields.js'
import { FrameError, HEADER_SIZE, LENGTH_SIZE, viewOf } from './framing.js'

const FIXED_SIZE = HEADER_SIZE - LENGTH_SIZE

/** Takes a frame. Its payload is to be read before this returns, and before more bytes are pushed. */
export type FrameHandler = (op: number, call: number, context: number, payload: FieldReader) => void

/** Splits a stream of bytes into frames, wherever it was cut. */
export class FrameReader {
  readonly #maxPayload: number
  readonly #onFrame: FrameHandler
  /** One for all frames: with one for each, and a view of its bytes, most of what a call costs would be those. */
  readonly #fields = new FieldReader()
  readonly #header = Buffer.alloc(HEADER_SIZE)
  readonly #headerView = viewOf(this.#header)
  #headerFilled = 0
  #payload: Buffer | undefined
  #payloadFilled = 0

  /** `maxPayload` is in bytes. */
  constructor(maxPayload: number, onFrame: FrameHandler) {
    this.#maxPayload = maxPayload
    this.#onFrame = onFrame
  }

  /**
   * Throws `FrameError` when the bytes can't be frames; nothing can follow that. `copies`: what is read of
   * payloads shares no memory with this chunk.
   */
  push(chunk: Buffer, copies = false): void {
    const view = viewOf(chunk)
    let at = 0
    while (at < chunk.length) {
      const left = chunk.length - at
      if (this.#headerFilled === 0 && left >= HEADER_SIZE) {
        const size = this.#payloadSize(view, at)
        if (left - HEADER_SIZE >= size) {
          this.#fields.open(chunk, view, at + HEADER_SIZE, size, copies)
          this.#emit(view, at)
          at += HEADER_SIZE + size
          continue
        }
      }
      at = this.#collect(chunk, at)
    }
    this.#fields.close()
  }

  /** Takes what a frame cut in pieces still lacks. */
  #collect(chunk: Buffer, from: number): number {
    let at = from
    if (this.#headerFilled < HEADER_SIZE) {
      const taken = chunk.copy(this.#header, this.#headerFilled, at)
      this.#headerFilled += taken
      at += taken
      if (this.#headerFilled < HEADER_SIZE) return at
      // At once, on the word of whoever sent the header: one payload for each process, and memory
      // that nothing has been written to is only reserved.
      this.#payload = Buffer.allocUnsafe(this.#payloadSize(this.#headerView, 0))
      this.#payloadFilled = 0
    }
    const payload = this.#payload as Buffer
    const taken = chunk.copy(payload, this.#payloadFilled, at)
    this.#payloadFilled += taken
    if (this.#payloadFilled === payload.length) {
      this.#headerFilled = 0
      this.#payload = undefined
      // Its memory is the frame's own.
      this.#fields.open(payload, viewOf(payload), 0, payload.length, false)
      this.#emit(this.#headerView, 0)
    }
    return at + taken
  }

  #payloadSize(header: DataView, at: number): number {
    const size = header.getUint32(at) - FIXED_SIZE
    if (size < 0 || size > this.#maxPayload) {
      throw new FrameError(`expected a payload of 0 to ${this.#maxPayload} bytes, got ${size}`)
    }
    return size
  }

  #emit(header: DataView, at: number): void {
    this.#onFrame(
      header.getUint8(at + 4),
      header.getUint32(at + 5),
      header.getUint32(at + 9),
      this.#fields,
    )
  }
}
