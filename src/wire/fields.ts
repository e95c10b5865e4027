import { FrameError, UTF16_FLAG } from './framing.js'

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

  u16(): number {
    return this.#payload.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#payload.readUInt32BE(this.#take(4))
  }

  /** A number of milliseconds. */
  span(): number {
    const value = this.#payload.readDoubleBE(this.#take(8))
    if (value >= 0) return value
    throw new FrameError(`expected a number of milliseconds, got ${value}`)
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

  bytes(size: number): Buffer {
    const at = this.#take(size)
    return this.#payload.subarray(at, at + size)
  }

  /** Whether there is nothing left. */
  get isEmpty(): boolean {
    return this.#at === this.#payload.length
  }

  /** Everything that is left. */
  rest(): Buffer {
    const at = this.#at
    this.#at = this.#payload.length
    return at === 0 ? this.#payload : this.#payload.subarray(at)
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
