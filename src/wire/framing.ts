/**
 * Frames: `u32 length | u8 opcode | u32 call | u32 context | payload`, big-endian. `length`
 * counts what follows it. Knows buffers only: no sockets, no messages.
 */

export const HEADER_SIZE = 13
const LENGTH_SIZE = 4
const FIXED_SIZE = HEADER_SIZE - LENGTH_SIZE

/** Past this many bytes a payload is written from where it is instead of being copied. */
const COPY_LIMIT = 32 * 1024
const CHUNK_SIZE = 64 * 1024
/** Marks a text that UTF-8 can't hold: lone surrogates travel as UTF-16. */
const UTF16_FLAG = 0x8000_0000

/** The bytes that a text takes on the wire, without its length. */
export function textSize(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text) : text.length * 2
}

/** The bytes are not frames. */
export class FrameError extends Error {}

export type FrameHandler = (op: number, call: number, context: number, payload: Buffer) => void

/**
 * Splits a stream of bytes into frames, wherever it was cut. Payloads handed out share memory
 * with the chunks pushed in.
 */
export class FrameReader {
  readonly #maxPayload: number
  readonly #onFrame: FrameHandler
  readonly #header = Buffer.alloc(HEADER_SIZE)
  #headerFilled = 0
  #payload: Buffer | undefined
  #payloadFilled = 0

  /** `maxPayload` is in bytes. */
  constructor(maxPayload: number, onFrame: FrameHandler) {
    this.#maxPayload = maxPayload
    this.#onFrame = onFrame
  }

  /** Throws `FrameError` when the bytes can't be frames; nothing can follow that. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerFilled === 0 && chunk.length - at >= HEADER_SIZE) {
        const size = this.#payloadSize(chunk, at)
        if (chunk.length - at >= HEADER_SIZE + size) {
          const start = at + HEADER_SIZE
          this.#emit(chunk, at, chunk.subarray(start, start + size))
          at = start + size
          continue
        }
      }
      at = this.#collect(chunk, at)
    }
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
      this.#payload = Buffer.allocUnsafe(this.#payloadSize(this.#header, 0))
      this.#payloadFilled = 0
    }
    const payload = this.#payload as Buffer
    const taken = chunk.copy(payload, this.#payloadFilled, at)
    this.#payloadFilled += taken
    if (this.#payloadFilled === payload.length) {
      this.#headerFilled = 0
      this.#payload = undefined
      this.#emit(this.#header, 0, payload)
    }
    return at + taken
  }

  #payloadSize(header: Buffer, at: number): number {
    const size = header.readUInt32BE(at) - FIXED_SIZE
    if (size < 0 || size > this.#maxPayload) {
      throw new FrameError(`expected a payload of 0 to ${this.#maxPayload} bytes, got ${size}`)
    }
    return size
  }

  #emit(header: Buffer, at: number, payload: Buffer): void {
    this.#onFrame(
      header[at + 4] as number,
      header.readUInt32BE(at + 5),
      header.readUInt32BE(at + 9),
      payload,
    )
  }
}

/** Gathers frames, so that many leave in one write. */
export class FrameWriter {
  #chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE)
  /** Where the bytes not yet taken begin, and where they end. */
  #start = 0
  #at = 0
  /** Where the frame under way begins, or -1 between frames. */
  #frameAt = -1
  /** Whole pieces that precede the current chunk's bytes. */
  #pieces: Buffer[] = []
  /** Large payload parts of the frame under way, by where they belong. */
  #late: { at: number; bytes: Uint8Array }[] = []
  #large = 0
  #size = 0

  /** Bytes that wait to be taken. */
  get size(): number {
    return this.#size + this.#at - this.#start
  }

  /** Begins a frame; `end` completes it. */
  begin(op: number, call: number, context: number): void {
    this.#reserve(HEADER_SIZE)
    const chunk = this.#chunk
    this.#frameAt = this.#at
    chunk[this.#at + 4] = op
    chunk.writeUInt32BE(call, this.#at + 5)
    chunk.writeUInt32BE(context, this.#at + 9)
    this.#at += HEADER_SIZE
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#chunk[this.#at++] = value
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#at = this.#chunk.writeUInt32BE(value, this.#at)
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#at = this.#chunk.writeDoubleBE(value, this.#at)
  }

  /** A string with its length before it. */
  text(value: string): void {
    if (!value.isWellFormed()) {
      const bytes = Buffer.from(value, 'utf16le')
      this.u32((bytes.length | UTF16_FLAG) >>> 0)
      this.bytes(bytes)
      return
    }
    // A UTF-16 unit takes at most three bytes of UTF-8: short texts need not be measured first.
    if (value.length < 1024) {
      this.#reserve(4 + value.length * 3)
      const size = this.#chunk.write(value, this.#at + 4)
      this.#chunk.writeUInt32BE(size, this.#at)
      this.#at += 4 + size
      return
    }
    const bytes = Buffer.from(value)
    this.u32(bytes.length)
    this.bytes(bytes)
  }

  /** The rest of a payload; the bytes must not change until they are written. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length > COPY_LIMIT ? 0 : value.length)
    if (value.length <= COPY_LIMIT) {
      this.#chunk.set(value, this.#at)
      this.#at += value.length
      return
    }
    // The length field must stay reachable: a large payload closes the frame's own chunk.
    this.#large += value.length
    this.#late.push({ at: this.#at, bytes: value })
  }

  end(): void {
    const length = this.#at - this.#frameAt - LENGTH_SIZE + this.#large
    this.#chunk.writeUInt32BE(length, this.#frameAt)
    this.#frameAt = -1
    for (const { at, bytes } of this.#late) {
      this.#piece(this.#chunk.subarray(this.#start, at))
      this.#piece(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
      this.#start = at
    }
    if (this.#large > 0) {
      this.#late = []
      this.#large = 0
    }
  }

  /** The frames so far, as the buffers to write one after the other. */
  take(): Buffer[] {
    this.#piece(this.#chunk.subarray(this.#start, this.#at))
    this.#start = this.#at
    const pieces = this.#pieces
    this.#pieces = []
    this.#size = 0
    return pieces
  }

  #piece(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#size += bytes.length
  }

  /** Makes room without splitting the frame under way. */
  #reserve(size: number): void {
    if (this.#at + size <= this.#chunk.length) return
    const open = this.#frameAt !== -1
    const begun = open ? this.#frameAt : this.#at
    this.#piece(this.#chunk.subarray(this.#start, begun))
    const frame = this.#chunk.subarray(begun, this.#at)
    const next = Buffer.allocUnsafeSlow(Math.max(CHUNK_SIZE, frame.length + size + HEADER_SIZE))
    frame.copy(next)
    for (const late of this.#late) late.at -= begun
    this.#chunk = next
    this.#start = 0
    this.#frameAt = open ? 0 : -1
    this.#at = frame.length
  }
}

/** Reads the fields that `FrameWriter` wrote. Throws `FrameError` past the end. */
export class FieldReader {
  readonly #payload: Buffer
  #at = 0

  constructor(payload: Buffer) {
    this.#payload = payload
  }

  u8(): number {
    return this.#payload[this.#take(1)] as number
  }

  u32(): number {
    return this.#payload.readUInt32BE(this.#take(4))
  }

  flag(): boolean {
    const value = this.u8()
    if (value > 1) throw new FrameError(`expected a flag of 0 or 1, got ${value}`)
    return value === 1
  }

  /** A number of bytes, which may pass 32 bits. */
  size(): number {
    const value = this.#payload.readDoubleBE(this.#take(8))
    if (Number.isSafeInteger(value) && value >= 0) return value
    throw new FrameError(`expected a number of bytes, got ${value}`)
  }

  text(): string {
    const length = this.u32()
    const size = length & ~UTF16_FLAG
    if (length > size && size % 2 !== 0) {
      throw new FrameError(`expected a text of two-byte units, got ${size} bytes`)
    }
    const at = this.#take(size)
    return length > size
      ? this.#payload.toString('utf16le', at, at + size)
      : this.#payload.toString('utf8', at, at + size)
  }

  /** Everything that is left. */
  rest(): Buffer {
    const at = this.#at
    this.#at = this.#payload.length
    return this.#payload.subarray(at)
  }

  /** Throws when anything is left. */
  end(): void {
    const left = this.#payload.length - this.#at
    if (left > 0) throw new FrameError(`expected the end of a payload, got ${left} more bytes`)
  }

  #take(size: number): number {
    const at = this.#at
    const left = this.#payload.length - at
    if (size > left) throw new FrameError(`expected a field of ${size} bytes, got ${left}`)
    this.#at = at + size
    return at
  }
}
