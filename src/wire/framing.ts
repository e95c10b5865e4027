/**
 * Frames: `u32 length | u8 opcode | u32 call | u32 context | payload`, big-endian. `length`
 * counts what follows it. Knows buffers only: no sockets, no messages.
 */

export const HEADER_SIZE = 13
export const LENGTH_SIZE = 4

/** Past this many bytes a payload is written from where it is instead of being copied. */
const COPY_LIMIT = 32 * 1024
const CHUNK_SIZE = 64 * 1024
/** Marks a text that UTF-8 can't hold: lone surrogates travel as UTF-16. */
export const UTF16_FLAG = 0x8000_0000

/** The bytes that a text takes on the wire, without its length. */
export function textSize(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text) : text.length * 2
}

/** The bytes are not frames. */
export class FrameError extends Error {}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Gathers frames, so that many leave in one write. */
export class FrameWriter {
  #chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE)
  /**
   * Of the same memory. Where built-ins are frozen, as in a worker, storing into a typed array by index
   * takes V8 some ten times as long (Node 20).
   */
  #view = viewOf(this.#chunk)
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
    const view = this.#view
    this.#frameAt = this.#at
    view.setUint8(this.#at + 4, op)
    view.setUint32(this.#at + 5, call)
    view.setUint32(this.#at + 9, context)
    this.#at += HEADER_SIZE
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#view.setUint8(this.#at++, value)
  }

  u16(value: number): void {
    this.#reserve(2)
    this.#view.setUint16(this.#at, value)
    this.#at += 2
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#at, value)
    this.#at += 4
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#at, value)
    this.#at += 8
  }

  i64(value: bigint): void {
    this.#reserve(8)
    this.#view.setBigInt64(this.#at, value)
    this.#at += 8
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
      this.#view.setUint32(this.#at, size)
      this.#at += 4 + size
      return
    }
    const bytes = Buffer.from(value)
    this.u32(bytes.length)
    this.bytes(bytes)
  }

  /** They must not change until they are written. */
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
    this.#view.setUint32(this.#frameAt, length)
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
    this.#view = viewOf(next)
    this.#start = 0
    this.#frameAt = open ? 0 : -1
    this.#at = frame.length
  }
}
