import type { FrameWriter } from '../framing.js'
import { TAGS } from './format.js'

/**
 * The values that most calls take and give, primitives and bytes, without the codec: the same
 * MessagePack that the codec writes and reads. A worker needs no other, for these carry no realm;
 * and the codec is slow there, where built-ins are frozen (Node 20).
 */

export type Simple = undefined | null | boolean | number | bigint | string | Uint8Array

/** Any other value, as the codec wrote it. */
export class Encoded {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** The type of the codec's own extension. */
const EXTENSION = 1
/** Arguments that are passed on one by one. */
export const MAX_SPREAD = 64
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
