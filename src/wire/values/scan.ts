import { TAGS } from './format.js'
import { ScanError, TokenReader } from './token-reader.js'

export interface ScanLimits {
  /** Levels of nesting, counted as `prepare` counts them. */
  readonly maxDepth: number
  /** What rebuilding may cost, in units of some fifty nanoseconds: that of a number. */
  readonly maxWeight: number
}

/**
 * What a value costs beyond its bytes, in the same units. Measured: an empty object is one byte
 * on the wire, but 60 in memory and most of a microsecond to make; an error is slow for its stack.
 */
const OBJECT = 16
const BINARY = 64
const ERROR = 640
/**
 * Of a regular expression: for each byte of its source, and each property escape in it. With the
 * flag `v`, V8 takes a minute to parse 130 kB of `\p{RGI_Emoji}`.
 */
const PLAIN = { byte: 16, property: 0 } as const
const UNICODE = { byte: 16, property: 8192 } as const
const SETS = { byte: 2048, property: 131_072 } as const
/**
 * And for the square of its bytes: named groups and references to them are compared each with each;
 * regardless of case, V8 takes 3.5 s for nine kilobytes of `\W` in one class.
 */
const SQUARE = 0.02
const CASELESS_SQUARE = 1

const UNDEFINED_TYPE = 0
const TAGGED_TYPE = 1
const NIL = 0xc0
const ONE = 0x91
const PAIR = 0x92
const ERROR_PARTS = 0x97
/** The index of the error that has others; the highest there is. */
const AGGREGATE = 7

/**
 * Looks over bytes that are said to be a value before msgpackr sees them. msgpackr also takes
 * records, references, bundled strings and extensions of its own, nests as deep as the stack is,
 * and allocates by lengths; here passes only what the codec of vmring writes, at a bounded cost.
 */
export class ValueScan extends TokenReader {
  readonly #maxDepth: number
  readonly #maxWeight: number

  constructor({ maxDepth, maxWeight }: ScanLimits) {
    super()
    this.#maxDepth = maxDepth
    this.#maxWeight = maxWeight
  }

  /** Throws `ScanError` unless the bytes are exactly one value. */
  check(bytes: Uint8Array): void {
    this.open(bytes, this.#maxWeight)
    try {
      this.#values(1, 1)
      if (this.at < bytes.length) this.fail('the end', bytes[this.at])
    } finally {
      this.close()
    }
  }

  /** So many values in a row; those that hold others are `depth` levels deep. */
  #values(count: number, depth: number): void {
    this.fits(count)
    this.weigh(count)
    for (let i = 0; i < count; i++) {
      const token = this.next()
      if (token < 0x80 || token >= 0xe0) continue
      if (token >= 0xa0 && token < 0xc0) this.skip(token & 0x1f)
      else if (token >= 0x90 && token < 0xa0) this.#list(token & 0x0f, depth)
      else if (token < 0x90) this.#map(token & 0x0f, depth)
      else this.#long(token, depth)
    }
  }

  /** The tokens that don't hold all they say. */
  #long(token: number, depth: number): unknown {
    switch (token) {
      case NIL:
      case 0xc2:
      case 0xc3:
        return
      case 0xc4:
      case 0xc5:
      case 0xc6:
        this.weigh(BINARY)
        return this.skip(this.length(token - 0xc4))
      case 0xcc:
      case 0xd0:
        return this.skip(1)
      case 0xcd:
      case 0xd1:
        return this.skip(2)
      case 0xce:
      case 0xd2:
        return this.skip(4)
      case 0xcb:
      case 0xd3:
        return this.skip(8)
      case 0xd4:
        return this.#extension(depth)
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.skip(this.length(token - 0xd9))
      case 0xdc:
      case 0xdd:
        return this.#list(this.length(token - 0xdb), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.length(token - 0xdd), depth)
      default:
        return this.fail('a value', token, 1)
    }
  }

  #enter(depth: number, weight: number): void {
    this.weigh(weight)
    if (depth <= this.#maxDepth) return
    throw new ScanError(`byte ${this.at}: expected at most ${this.#maxDepth} levels, got more`)
  }

  #list(count: number, depth: number): void {
    this.#enter(depth, OBJECT)
    this.#values(count, depth + 1)
  }

  #map(count: number, depth: number): void {
    this.#enter(depth, OBJECT)
    this.fits(count * 2)
    for (let i = 0; i < count; i++) {
      this.string()
      this.#values(1, depth + 1)
    }
  }

  #extension(depth: number): void {
    const type = this.next()
    this.expect(0, 'the filler of an extension')
    if (type === TAGGED_TYPE) this.#tagged(depth)
    else if (type !== UNDEFINED_TYPE) this.fail('an extension of vmring', type, 2)
  }

  /** One value in the end: the lists that a tag needs for its data are no levels of their own. */
  #tagged(depth: number): unknown {
    this.expect(PAIR, 'a tag and its data')
    const tag = this.next()
    switch (tag) {
      case TAGS.negativeZero:
        return this.expect(0, 'the zero of -0')
      case TAGS.utf16:
        return this.even(this.binary())
      case TAGS.entries:
        return this.#entries(depth)
      case TAGS.date:
        this.weigh(OBJECT)
        return this.number()
      case TAGS.regexp:
        return this.#regexp()
      case TAGS.map:
        this.#enter(depth, OBJECT)
        return this.#values(this.even(this.list()), depth + 1)
      case TAGS.set:
        return this.#list(this.list(), depth)
      case TAGS.buffer:
        this.weigh(BINARY)
        return this.binary()
      case TAGS.view:
        this.weigh(BINARY)
        this.expect(PAIR, 'the name and the bytes of a typed array')
        this.string()
        return this.binary()
      case TAGS.error:
        return this.#error(depth)
      case TAGS.bigint:
        return this.#bigint()
      default:
        return this.fail('a known tag', tag, 1)
    }
  }

  /** A string, whatever units are in it. */
  #text(): void {
    if (this.bytes[this.at] !== 0xd4) return void this.string()
    this.at++
    this.#expectTag(TAGS.utf16)
    this.even(this.binary())
  }

  #expectTag(tag: number): void {
    this.expect(TAGGED_TYPE, 'an extension of vmring')
    this.expect(0, 'the filler of an extension')
    this.expect(PAIR, 'a tag and its data')
    this.expect(tag, `the tag ${tag}`)
  }

  #entries(depth: number): void {
    this.#enter(depth, OBJECT)
    const count = this.even(this.list())
    this.fits(count)
    for (let i = 0; i < count; i += 2) {
      this.#text()
      this.#values(1, depth + 1)
    }
  }

  #regexp(): void {
    this.expect(PAIR, 'the source and the flags of a regular expression')
    const from = this.at
    this.#text()
    const to = this.at
    const size = this.string()
    const flags = this.bytes.subarray(this.at - size, this.at)
    const cost = flags.includes(0x76) ? SETS : flags.includes(0x75) ? UNICODE : PLAIN
    const caseless = cost !== PLAIN && flags.includes(0x69)
    this.weigh(OBJECT + (to - from) * cost.byte)
    this.weigh(Math.ceil((to - from) ** 2 * (caseless ? CASELESS_SQUARE : SQUARE)))
    if (cost.property === 0) return
    for (let i = from; i < to; i++) {
      if (this.bytes[i] !== 0x5c) continue
      // In UTF-16, too, where the byte in between is zero.
      const next = this.bytes[i + 1] || this.bytes[i + 2]
      if (next === 0x70 || next === 0x50) this.weigh(cost.property)
    }
  }

  #error(depth: number): void {
    this.#enter(depth, ERROR)
    this.expect(ERROR_PARTS, 'the parts of an error')
    const index = this.next()
    if (!(index <= AGGREGATE)) this.fail('the class of an error', index, 1)
    this.#text()
    this.#text()
    if (!this.takeNil()) this.#text()
    this.#properties(depth)
    if (!this.takeNil()) {
      this.expect(ONE, 'the cause of an error')
      this.#values(1, depth + 1)
    }
    if (index === AGGREGATE) this.#values(1, depth + 1)
    else this.expect(NIL, 'an error without others')
  }

  #properties(depth: number): void {
    const token = this.next()
    if (token >= 0x80 && token < 0x90) this.#map(token & 0x0f, depth)
    else if (token === 0xde || token === 0xdf) this.#map(this.length(token - 0xdd), depth)
    else if (token === 0xd4) {
      this.#expectTag(TAGS.entries)
      this.#entries(depth)
    } else this.fail('the properties of an error', token, 1)
  }

  #bigint(): void {
    const size = this.string()
    const { bytes, at } = this
    let i = at - size
    if (bytes[i] === 0x2d && size > 1) i++
    if (size === 0) this.fail('a hexadecimal digit', undefined)
    for (; i < at; i++) {
      const digit = bytes[i] as number
      const isHex = (digit >= 0x30 && digit <= 0x39) || (digit >= 0x61 && digit <= 0x66)
      if (!isHex) this.fail('a hexadecimal digit', digit, at - i)
    }
  }
}
