import type { FieldReader } from '../fields.js'
import { FrameError } from '../framing.js'
import { Encoded, MAX_SPREAD, type Simple } from './simple.js'

/** Stands for a value that is not simple. */
const NOT_SIMPLE = Symbol('not simple')

/**
 * The value that is all that's left: itself when it is simple, or else encoded. Whatever the bytes are: of
 * those that are no value the codec has to say so.
 */
export function readValue(fields: FieldReader): Simple | Encoded {
  const { left } = fields
  const value = attempt(fields, readSimple)
  if (value !== NOT_SIMPLE && fields.left === 0) return value
  fields.rewind(left)
  return new Encoded(fields.rest())
}

/** The same of an array: its items when all are simple, and not many; or all of it encoded. */
export function readList(fields: FieldReader): Simple[] | Uint8Array {
  const { left } = fields
  const items = attempt(fields, readItems)
  if (items !== NOT_SIMPLE && fields.left === 0) return items
  fields.rewind(left)
  return fields.rest()
}

function attempt<T>(fields: FieldReader, read: (fields: FieldReader) => T): T | typeof NOT_SIMPLE {
  try {
    return read(fields)
  } catch (error) {
    // Cut short.
    if (error instanceof FrameError) return NOT_SIMPLE
    throw error
  }
}

function readItems(fields: FieldReader): Simple[] | typeof NOT_SIMPLE {
  const first = fields.u8()
  if (first !== 0xdc && (first & 0xf0) !== 0x90) return NOT_SIMPLE
  const size = first === 0xdc ? fields.u16() : first & 0x0f
  if (size > MAX_SPREAD) return NOT_SIMPLE
  // Of that very size: one that grows has room for more than most calls take.
  const items = new Array<Simple>(size)
  for (let i = 0; i < size; i++) {
    const item = readSimple(fields)
    if (item === NOT_SIMPLE) return NOT_SIMPLE
    items[i] = item
  }
  return items
}

function readSimple(fields: FieldReader): Simple | typeof NOT_SIMPLE {
  const token = fields.u8()
  if (token < 0x80) return token
  if (token >= 0xe0) return token - 0x100
  if (token >= 0xa0 && token < 0xc0) return fields.utf8(token - 0xa0)
  switch (token) {
    case 0xc0:
      return null
    case 0xc2:
      return false
    case 0xc3:
      return true
    case 0xc4:
      return fields.bytes(fields.u8())
    case 0xc5:
      return fields.bytes(fields.u16())
    case 0xc6:
      return fields.bytes(fields.u32())
    case 0xcb:
      return fields.f64()
    case 0xcc:
      return fields.u8()
    case 0xcd:
      return fields.u16()
    case 0xce:
      return fields.u32()
    case 0xd0:
      return fields.i8()
    case 0xd1:
      return fields.i16()
    case 0xd2:
      return fields.i32()
    case 0xd3:
      return fields.i64()
    case 0xd4:
      return fields.u16() === 0 ? undefined : NOT_SIMPLE
    case 0xd9:
      return fields.utf8(fields.u8())
    case 0xda:
      return fields.utf8(fields.u16())
    case 0xdb:
      return fields.utf8(fields.u32())
    default:
      return NOT_SIMPLE
  }
}
