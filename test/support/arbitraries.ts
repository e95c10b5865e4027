import fc from 'fast-check'

/** Names that mean something to objects, to promises or to JSON, and ones that UTF-8 can't hold. */
const telling = ['__proto__', 'constructor', 'then', 'toJSON', 'hasOwnProperty', '', '0', '\ud800']

/** fast-check's own `binary` strings begin by listing all of Unicode, which takes a second. */
export const anyText = fc.array(fc.nat(0x10_ffff)).map((codes) => String.fromCodePoint(...codes))

const text = fc.oneof(
  anyText,
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom('\ufeff', '\ud800', '\0', 'é'), fc.nat(300))
    .map(([first, length]) => first + 'x'.repeat(length)),
)
const key = fc.oneof(fc.string(), text, fc.constantFrom(...telling))

const int64 = [2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n]
const bigint = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: -(2n ** 2000n), max: 2n ** 2000n }),
  fc.constantFrom(...int64),
)
const numbers = [-0, Number.NaN, 2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53, 2 ** 63, 2 ** 64]
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(...numbers))

const Float16 = (globalThis as { Float16Array?: Float32ArrayConstructor }).Float16Array
const views = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ...(Float16 ? [Float16] : []),
]
/** Bytes of any alignment, seen from the middle of a larger buffer as well as from its start. */
const view = fc
  .tuple(fc.constantFrom(...views), fc.constantFrom(0, 8), fc.nat(5), fc.uint8Array())
  .map(([View, offset, length, bytes]) => {
    const buffer = new ArrayBuffer(64)
    new Uint8Array(buffer).set(bytes.subarray(0, 64))
    return new View(buffer, offset, length)
  })

const regexp = fc
  .tuple(
    fc.constantFrom('a', '(?<year>\\d{4})', '[/\\]]', '\\u{1f600}|\ud800', '^$', '/'),
    fc.constantFrom('', 'g', 'imsy', 'u', 'v', 'dg'),
  )
  .filter(([source, flags]) => source === 'a' || flags === '' || !/[uv]/.test(flags))
  .map(([source, flags]) => new RegExp(source, flags))

const errorClasses = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
]

/** Every kind of value that travels, nested in one another. */
export const { value: travellingValue } = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie('value')
  const entries = fc.array(fc.tuple(key, value), { maxLength: 5 })
  // Own properties, whatever their names: assignment would call the setter of `__proto__`.
  const object = entries.map((pairs) => Object.fromEntries(pairs))
  const list = fc.array(value, { maxLength: 5 })
  const cause = fc.oneof(fc.constant({}), fc.record({ cause: value }))
  const error = fc
    .tuple(fc.constantFrom(...errorClasses), text, cause, entries)
    .map(([ErrorClass, message, options, properties]) =>
      withProperties(new ErrorClass(message, options), properties),
    )
  const aggregate = fc
    .tuple(list, text, cause)
    .map(([errors, message, options]) => new AggregateError(errors, message, options))
  return {
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(undefined, null, true, false),
      number,
      bigint,
      text,
      fc.date({ noInvalidDate: false }),
      view,
      fc.uint8Array().map((bytes) => bytes.slice().buffer),
      regexp,
      list,
      object,
      fc.array(fc.tuple(value, value), { maxLength: 4 }).map((pairs) => new Map(pairs)),
      list.map((items) => new Set(items)),
      error,
      aggregate,
    ),
  }
})

const ownOfErrors = new Set(['message', 'stack', 'cause', 'name', 'errors'])

function withProperties(error: Error, properties: [string, unknown][]): Error {
  for (const [name, value] of properties) {
    if (ownOfErrors.has(name)) continue
    const attributes = { value, enumerable: true, writable: true, configurable: true }
    Object.defineProperty(error, name, attributes)
  }
  return error
}
