import type { FrameWriter } from '../framing.js'
import { TAGS } from './format.js'

/**
 * The values that most calls take and give, primitives and bytes, without the codec: the same
 * MessagePack that the codec writes and reads. A worker needs no other, for these carry no realm;
 * and the codec is slow there, where built-ins are frozen (Node 20).
 */

/** Stands for a value that is not simple. */
export const NOT_SIMPLE = Symbol('not simple')

export type Simple = undefined | null | boolean | number | bigint | string | Uint8Array

/** The type of the codec's own extension. */
const EXTENSION = 1
/** Arguments that are passed on one by one. */
const MAX_SPREAD = 64
/** Bytes that a value without a length can take, or the beginning of one with a length; and a UTF-16 unit. */
const LONGEST_SCALAR = 16
const LONGEST_UNIT = 3

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object
const getter = (name: PropertyKey) =>
  Object.getOwnPropertyDescriptor(TypedArrayPrototype, name)?.get as (this: object) => unknown
const typeOfView = getter(Symbol.toStringTag)
const lengthOfView = getter('length')

/** The length of a byte array that has its bytes, whatever the object itself says of that; or 0. */
function bytesIn(value: object): number {
  if (Reflect.apply(typeOfView, value, []) !== 'Uint8Array') return 0
  return Reflect.apply(lengthOfView, value, []) as number
}

/**
 * What is in a list, looked at once: undefined when there is more than is passed on one by one. Throws what
 * looking throws, or `RangeError` when the list is a proxy whose length is none.
 */
export function readItems(list: readonly unknown[]): unknown[] | undefined {
  const { length } = list
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError('a length that is none')
  if (length > MAX_SPREAD) return undefined
  // Of that very size: one that grows has room for more than most calls take.
  const items = new Array<unknown>(length)
  for (let i = 0; i < length; i++) items[i] = list[i]
  return items
}

/**
 * Whether all items are simple, and take no more than `maxSize` bytes even when they take the most: a
 * message that needs neither the codec nor to be measured. Bytes are copied then, in place.
 */
export function makeSimple(items: unknown[], maxSize: number): items is Simple[] {
  let most = LONGEST_SCALAR
  let hasBytes = false
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    most += LONGEST_SCALAR
    switch (typeof item) {
      case 'string':
        most += item.length * LONGEST_UNIT
        break
      case 'object': {
        if (item === null) break
        const bytes = bytesIn(item)
        // Of none it is for the codec to say whether they were given away.
        if (bytes === 0) return false
        most += bytes
        hasBytes = true
        break
      }
      case 'bigint':
        if (BigInt.asIntN(64, item) !== item) return false
        break
      case 'function':
      case 'symbol':
        return false
    }
  }
  if (most > maxSize) return false
  for (let i = 0; hasBytes && i < items.length; i++) {
    const item = items[i]
    if (typeof item === 'object' && item !== null) items[i] = new Uint8Array(item as Uint8Array)
  }
  return true
}

/** Writes a value that is simple; a bigint must fit into 64 bits. */
export function writeSimple(out: FrameWriter, value: Simple): void {
  switch (typeof value) {
    case 'number':
      return writeNumber(out, value)
    case 'string':
      return writeText(out, value)
    case 'bigint':
      out.u8(0xd3)
      return out.i64(value)
    case 'boolean':
      return out.u8(value ? 0xc3 : 0xc2)
    case 'undefined':
      out.u8(0xd4)
      return out.u16(0)
    case 'object':
      return value === null ? out.u8(0xc0) : writeBytes(out, value)
  }
}

/** A list of values that are simple. */
export function writeList(out: FrameWriter, values: readonly Simple[]): void {
  out.u8(0xdc)
  out.u16(values.length)
  for (const value of values) writeSimple(out, value)
}

/** A list of whole numbers, none of them negative. */
export function writeNumbers(out: FrameWriter, values: readonly number[]): void {
  out.u8(0xdd)
  out.u32(values.length)
  for (const value of values) writeNumber(out, value)
}

export function writeParts(out: FrameWriter, parts: readonly Uint8Array[]): void {
  out.u8(0xdd)
  out.u32(parts.length)
  for (const part of parts) writeBytes(out, part)
}

function writeNumber(out: FrameWriter, value: number): void {
  if (Object.is(value, -0)) {
    writeTag(out, TAGS.negativeZero)
    out.u8(0)
  } else if (value >>> 0 !== value && value >> 0 !== value) {
    out.u8(0xcb)
    out.f64(value)
  } else if (value >= -0x20 && value < 0x80) {
    out.u8(value & 0xff)
  } else {
    out.u8(value < 0 ? 0xd2 : 0xce)
    out.u32(value >>> 0)
  }
}

function writeText(out: FrameWriter, value: string): void {
  if (value.isWellFormed()) {
    out.u8(0xdb)
    return out.text(value)
  }
  writeTag(out, TAGS.utf16)
  writeBytes(out, Buffer.from(value, 'utf16le'))
}

function writeBytes(out: FrameWriter, value: Uint8Array): void {
  out.u8(0xc6)
  out.u32(value.length)
  out.bytes(value)
}

/** Begins a pair of tag and data, of which the data come next. */
function writeTag(out: FrameWriter, tag: number): void {
  out.u8(0xd4)
  out.u8(EXTENSION)
  out.u8(0)
  out.u8(0x92)
  out.u8(tag)
}

/**
 * Reads an encoded array of such values; undefined when there are others in it, or many. Bytes share
 * memory with what is read.
 */
export function readSimple(encoded: Uint8Array): Simple[] | undefined {
  const reader = new SimpleReader(encoded)
  const first = reader.u8()
  const size = first === 0xdc ? reader.u16() : first - 0x90
  if (size < 0 || size > MAX_SPREAD) return undefined
  const values: Simple[] = []
  for (let left = size; left > 0; left--) {
    if (!reader.next()) return undefined
    values.push(reader.value)
  }
  return values
}

/**
 * Reads an encoded value; `NOT_SIMPLE` when it is not simple, or does not take all of the bytes. Bytes
 * share memory with what is read.
 */
export function readSingle(encoded: Uint8Array): Simple | typeof NOT_SIMPLE {
  const reader = new SimpleReader(encoded)
  return reader.next() && reader.isAtEnd ? reader.value : NOT_SIMPLE
}

class SimpleReader {
  readonly #bytes: Buffer
  /** Of the same bytes; made for the first number that needs it. */
  #view: DataView | undefined
  #at = 0
  /** The last that was read. */
  value: Simple

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Whether it has come to the end, and not past it. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  u8(): number {
    return this.#bytes[this.#at++] as number
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  #u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** Reads a value; false when it is not a simple one. */
  next(): boolean {
    const token = this.u8()
    if (token < 0x80) return this.#is(token)
    if (token >= 0xe0) return this.#is(token - 0x100)
    if (token >= 0xa0 && token < 0xc0) return this.#text(token - 0xa0)
    switch (token) {
      case 0xc0:
        return this.#is(null)
      case 0xc2:
        return this.#is(false)
      case 0xc3:
        return this.#is(true)
      case 0xc4:
        return this.#part(this.u8())
      case 0xc5:
        return this.#part(this.u16())
      case 0xc6:
        return this.#part(this.#u32())
      case 0xcb:
        return this.#is(this.#numbers().getFloat64(this.#take(8)))
      case 0xcc:
        return this.#is(this.u8())
      case 0xcd:
        return this.#is(this.u16())
      case 0xce:
        return this.#is(this.#u32())
      case 0xd0:
        return this.#is(this.#bytes.readInt8(this.#take(1)))
      case 0xd1:
        return this.#is(this.#bytes.readInt16BE(this.#take(2)))
      case 0xd2:
        return this.#is(this.#bytes.readInt32BE(this.#take(4)))
      case 0xd3:
        return this.#is(this.#bytes.readBigInt64BE(this.#take(8)))
      case 0xd4:
        return this.u16() === 0 && this.#is(undefined)
      case 0xd9:
        return this.#text(this.u8())
      case 0xda:
        return this.#text(this.u16())
      case 0xdb:
        return this.#text(this.#u32())
      default:
        return false
    }
  }

  #is(value: Simple): true {
    this.value = value
    return true
  }

  /** Where built-ins are frozen, Buffer is some ten times as slow for these (Node 20). */
  #numbers(): DataView {
    const { buffer, byteOffset, length } = this.#bytes
    this.#view ??= new DataView(buffer, byteOffset, length)
    return this.#view
  }

  #text(size: number): true {
    const at = this.#take(size)
    return this.#is(this.#bytes.toString('utf8', at, at + size))
  }

  #part(size: number): true {
    const at = this.#take(size)
    return this.#is(this.#bytes.subarray(at, at + size))
  }

  #take(size: number): number {
    const at = this.#at
    this.#at += size
    return at
  }
}
