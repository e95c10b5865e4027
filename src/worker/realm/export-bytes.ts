import { types } from 'node:util'

const typedArraySet = Uint8Array.prototype.set
const typedArrayLength = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'byteLength',
)?.get as (this: Uint8Array) => number

/**
 * Copies bytes out of a realm, by internal slots alone: no method of the realm is asked. Returns
 * their number instead when there are more than `limit`, and undefined when they are no bytes: a
 * script may have changed what the codec is made of.
 */
export function exportBytes(bytes: Uint8Array, limit: number): Uint8Array | number | undefined {
  if (!types.isUint8Array(bytes)) return undefined
  const size = Reflect.apply(typedArrayLength, bytes, [])
  if (size > limit) return size
  // Not `allocUnsafe`: a turn may be cut short in it, which in Node before 20.20, 22.22 and 24.13 leaves V8 told
  // to give out memory as it is (CVE-2025-55131).
  const target = new Uint8Array(size)
  try {
    Reflect.apply(typedArraySet, target, [bytes])
  } catch {
    // Its memory is gone.
    return undefined
  }
  return target
}
