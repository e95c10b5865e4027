/** The bytes are no value that the codec could have written, or more of one than is wanted. */
export class ScanError extends Error {}

const NIL = 0xc0
const NO_BYTES = new Uint8Array()

/** Reads MessagePack's tokens and lengths. Every method throws `ScanError` where they don't fit. */
export class TokenReader {
  protected bytes: Uint8Array = NO_BYTES
  protected at = 0
  #weightLeft = 0

  protected open(bytes: Uint8Array, maxWeight: number): void {
    this.bytes = bytes
    this.at = 0
    this.#weightLeft = maxWeight
  }

  /** Keeps no memory alive. */
  protected close(): void {
    this.bytes = NO_BYTES
  }

  /** The next byte; at the end undefined, for which no comparison holds. */
  protected next(): number {
    return this.bytes[this.at++] as number
  }

  protected expect(byte: number, what: string): void {
    const got = this.next()
    if (got !== byte) this.fail(what, got, 1)
  }

  protected takeNil(): boolean {
    if (this.bytes[this.at] !== NIL) return false
    this.at++
    return true
  }

  protected number(): void {
    const token = this.next()
    if (token < 0x80 || token >= 0xe0) return
    if (token === 0xcb) this.skip(8)
    else if (token >= 0xcc && token <= 0xce) this.skip(1 << (token - 0xcc))
    else if (token >= 0xd0 && token <= 0xd2) this.skip(1 << (token - 0xd0))
    else this.fail('a number', token, 1)
  }

  /** The size of a string, which is skipped. */
  protected string(): number {
    const token = this.next()
    if (token >= 0xa0 && token < 0xc0) return this.skip(token & 0x1f)
    if (token >= 0xd9 && token <= 0xdb) return this.skip(this.length(token - 0xd9))
    return this.fail('a string', token, 1)
  }

  /** The size of a run of bytes, which is skipped. */
  protected binary(): number {
    const token = this.next()
    if (token < 0xc4 || !(token <= 0xc6)) this.fail('bytes', token, 1)
    return this.skip(this.length(token - 0xc4))
  }

  /** How many values of a list follow. */
  protected list(): number {
    const token = this.next()
    if (token >= 0x90 && token < 0xa0) return token & 0x0f
    if (token === 0xdc || token === 0xdd) return this.length(token - 0xdb)
    return this.fail('a list', token, 1)
  }

  /** A length of one, two or four bytes, for 0, 1 or 2. */
  protected length(kind: number): number {
    const { bytes, at } = this
    this.skip(1 << kind)
    if (kind === 0) return bytes[at] as number
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    if (kind === 1) return high
    return high * 0x1_0000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  }

  protected skip(size: number): number {
    this.fits(size)
    this.at += size
    return size
  }

  protected even(count: number): number {
    if (count % 2 === 0) return count
    throw new ScanError(`byte ${this.at}: expected an even length, got ${count}`)
  }

  /** Whatever is counted takes a byte at least: nothing is made for a length that lies. */
  protected fits(count: number): void {
    const left = this.bytes.length - this.at
    if (count <= left) return
    throw new ScanError(`byte ${this.at}: expected a length up to ${left}, got ${count}`)
  }

  protected weigh(weight: number): void {
    this.#weightLeft -= weight
    if (this.#weightLeft < 0) throw new ScanError('more than may be rebuilt at a time')
  }

  /** `back`: how far the position has moved past what was found. */
  protected fail(expected: string, got: number | undefined, back = 0): never {
    const found = got === undefined ? 'the end' : `0x${got.toString(16).padStart(2, '0')}`
    throw new ScanError(`byte ${this.at - back}: expected ${expected}, got ${found}`)
  }
}
