import { FrameError, UTF16_FLAG, viewOf } from './framing.js'

const NOTHING = Buffer.alloc(0)
const NO_VIEW = viewOf(NOTHING)

/** Reads the fields that `FrameWriter` wrote, of one payload after the other. Throws `FrameError` past the end. */
export class FieldReader {
  #bytes: Buffer = NOTHING
  /** Of the same memory: where built-ins are frozen, Buffer is some ten times as slow for some numbers (Node 20). */
  #view = NO_VIEW
  #at = 0
  #end = 0
  #copies = false

  static of(bytes: Uint8Array): FieldReader {
    const { buffer, byteOffset, length } = bytes
    const whole = Buffer.from(buffer, byteOffset, length)
    const fields = new FieldReader()
    fields.open(whole, viewOf(whole), 0, length, false)
    return fields
  }

  /** Begins with `size` bytes at `at`. `copies`: bytes that are read are copied, or else share memory with these. */
  open(bytes: Buffer, view: DataView, at: number, size: number, copies: boolean): void {
    this.#bytes = bytes
    this.#view = view
    this.#at = at
    this.#end = at + size
    this.#copies = copies
  }

  /** Lets go of the memory. */
  close(): void {
    this.open(NOTHING, NO_VIEW, 0, 0, false)
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  /** A number of milliseconds. */
  span(): number {
    const value = this.f64()
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
    const value = this.f64()
    if (Number.isSafeInteger(value) && value >= 0) return value
    throw new FrameError(`expected a number of bytes, got ${value}`)
  }

  text(): string {
    const length = this.u32()
    const size = length & ~UTF16_FLAG
    if (length <= size) return this.utf8(size)
    if (size % 2 !== 0) {
      throw new FrameError(`expected a text of two-byte units, got ${size} bytes`)
    }
    const at = this.#take(size)
    return this.#bytes.toString('utf16le', at, at + size)
  }

  utf8(size: number): string {
    const at = this.#take(size)
    return this.#bytes.toString('utf8', at, at + size)
  }

  bytes(size: number): Buffer {
    const at = this.#take(size)
    const bytes = this.#bytes.subarray(at, at + size)
    return this.#copies ? Buffer.from(bytes) : bytes
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#at
  }

  /** Goes back to where so many bytes were left. */
  rewind(left: number): void {
    this.#at = this.#end - left
  }

  /** Everything that is left. */
  rest(): Buffer {
    return this.bytes(this.left)
  }

  /** Throws when anything is left. */
  end(): void {
    const { left } = this
    if (left > 0) throw new FrameError(`expected the end of a payload, got ${left} more bytes`)
  }

  #take(size: number): number {
    const at = this.#at
    const left = this.#end - at
    if (size > left) throw new FrameError(`expected a field of ${size} bytes, got ${left}`)
    this.#at = at + size
    return at
  }
}
