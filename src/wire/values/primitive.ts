import type { FrameWriter } from '../framing.js'

/**
 * The values that most calls take and give, without the codec: as MessagePack, like the codec's own.
 * A worker's built-ins are frozen, and there the codec takes V8 several times as long (Node 20).
 */

/** The most bytes that such a value takes; longer texts are the codec's. */
export const LONGEST_SIMPLE = 4096
const LONGEST_TEXT = 1024

/** Writes a value; false when that is for the codec to do. */
export function writePrimitive(out: FrameWriter, value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return writeNumber(out, value)
    case 'string':
      return writeText(out, value)
    case 'boolean':
      out.u8(value ? 0xc3 : 0xc2)
      return true
    case 'undefined':
      out.u8(0xd4)
      out.u8(0)
      out.u8(0)
      return true
    case 'object':
      if (value !== null) return false
      out.u8(0xc0)
      return true
    default:
      return false
  }
}

function writeNumber(out: FrameWriter, value: number): boolean {
  // MessagePack has no negative zero.
  if (Object.is(value, -0)) return false
  if (value >>> 0 !== value && value >> 0 !== value) {
    out.u8(0xcb)
    out.f64(value)
  } else if (value >= -0x20 && value < 0x80) {
    out.u8(value & 0xff)
  } else {
    out.u8(value < 0 ? 0xd2 : 0xce)
    out.u32(value >>> 0)
  }
  return true
}

function writeText(out: FrameWriter, value: string): boolean {
  if (value.length > LONGEST_TEXT || !value.isWellFormed()) return false
  out.u8(0xdb)
  out.text(value)
  return true
}

/** Reads an encoded array of such values; undefined when that is for the codec to do. */
export function readPrimitives(bytes: Uint8Array): unknown[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const size = bytes[0] as number
  if (size < 0x90 || size > 0x9f) return undefined
  const values: unknown[] = []
  let at = 1
  for (let left = size - 0x90; left > 0; left--) {
    const tag = bytes[at++] as number
    if (tag < 0x80) values.push(tag)
    else if (tag >= 0xe0) values.push(tag - 0x100)
    else if (tag >= 0xa0 && tag <= 0xbf) {
      const length = tag - 0xa0
      values.push(Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString())
      at += length
    } else {
      switch (tag) {
        case 0xc0:
          values.push(null)
          break
        case 0xc2:
          values.push(false)
          break
        case 0xc3:
          values.push(true)
          break
        case 0xcb:
          values.push(view.getFloat64(at))
          at += 8
          break
        case 0xcc:
          values.push(bytes[at++])
          break
        case 0xcd:
          values.push(view.getUint16(at))
          at += 2
          break
        case 0xce:
          values.push(view.getUint32(at))
          at += 4
          break
        case 0xd0:
          values.push(view.getInt8(at++))
          break
        case 0xd1:
          values.push(view.getInt16(at))
          at += 2
          break
        case 0xd2:
          values.push(view.getInt32(at))
          at += 4
          break
        default:
          return undefined
      }
    }
  }
  return at === bytes.length ? values : undefined
}
