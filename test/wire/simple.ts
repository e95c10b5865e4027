import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FieldReader } from '../../src/wire/fields.js'
import { FrameWriter } from '../../src/wire/framing.js'
import { createValueCodec } from '../../src/wire/values/codec.js'
import { loadMsgpack } from '../../src/wire/values/msgpack.js'
import { readList, readValue } from '../../src/wire/values/read-simple.js'
import {
  Encoded,
  makeSimple,
  readItems,
  type Simple,
  writeList,
  writeNumbers,
  writeSimple,
} from '../../src/wire/values/simple.js'
import { bytesOf } from '../support/frames.js'

const codec = createValueCodec(
  {
    functions: 'drop',
    stackOf: undefined,
    maxDepth: 10,
    maxNodes: 1000,
    problem: ({ path, why }) => new Error(`${path}: ${why}`),
  },
  loadMsgpack(),
)

function written(write: (out: FrameWriter) => void): Uint8Array {
  const out = new FrameWriter()
  out.begin(1, 1, 1)
  write(out)
  out.end()
  // A view that is no Buffer, so that what is decoded from it is none either.
  return new Uint8Array(bytesOf(out).subarray(13))
}

/** Around every border between notations. */
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([power, more, negative]) => (2 ** power + more) * (negative ? -1 : 1)),
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.constantFrom('x'.repeat(255), 'é'.repeat(300), '\u4e16'.repeat(70_000)),
)
const simple: fc.Arbitrary<Simple> = fc.oneof(
  number,
  text,
  fc.uint8Array(),
  fc.constantFrom(new Uint8Array(300), new Uint8Array(70_000).fill(7)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.constantFrom(null, undefined),
)
const other = fc.constantFrom(2n ** 70n, {}, [], new Date(0), new Float64Array(2))

test('what is written without the codec is what the codec reads', () => {
  fc.assert(
    fc.property(simple, (value) => {
      assert.deepEqual(codec.decode(written((out) => writeSimple(out, value))), value)
    }),
  )
  const numbers = [0, 1, 127, 128, 65_536, 0xffff_ffff]
  assert.deepEqual(codec.decode(written((out) => writeNumbers(out, numbers))), numbers)
})

/** Those that the codec writes as a pair of tag and data are left to it. */
const isTagged = (value: unknown): boolean =>
  Object.is(value, -0) || (typeof value === 'string' && !value.isWellFormed())

test('what the codec wrote of simple values is read without it', () => {
  fc.assert(
    fc.property(fc.array(simple, { maxLength: 64 }), (given) => {
      const encoded = codec.encode(given, 'args')
      const read = readList(FieldReader.of(encoded))
      if (given.some(isTagged)) return assert.deepEqual(read, Buffer.from(encoded))
      assert.deepEqual((read as Simple[]).map(plain), given)
    }),
  )
})

test('an array of any others, or of many, stays encoded', () => {
  fc.assert(
    fc.property(fc.array(simple, { maxLength: 5 }), other, (given, one) => {
      staysEncoded(codec.encode([...given, one], 'args'))
    }),
  )
  staysEncoded(codec.encode(Array(65).fill(1), 'args'))
  for (const bytes of [
    [],
    [0x91],
    [0x92, 1],
    [0xdc],
    [0xdc, 0, 2, 1],
    [0x90, 0],
    [0xdd, 0, 0, 0, 0],
  ]) {
    staysEncoded(Uint8Array.from(bytes))
  }
  // What begins no array, with as many items as would come of taking it for one.
  for (const first of [0x8f, 0xa0, 0xc0, 0xcb]) {
    staysEncoded(Uint8Array.from([first, ...Array(Math.max(0, first - 0x90)).fill(1)]))
  }
})

function staysEncoded(list: Uint8Array): void {
  assert.deepEqual(readList(FieldReader.of(list)), Buffer.from(list))
}

/** As the service does it: a copy of a list, if all in it is simple. */
function copySimple(list: readonly unknown[], maxSize: number): Simple[] | undefined {
  const items = readItems(list)
  return items && makeSimple(items, maxSize) ? items : undefined
}

test('a list is copied when all in it is simple, and fits whatever it takes', () => {
  fc.assert(
    fc.property(fc.array(simple, { maxLength: 64 }), fc.nat(5000), (given, maxSize) => {
      const copy = copySimple(given, maxSize)
      const encoded = codec.encode(given, 'args')
      if (given.some(isEmptyView)) return assert.equal(copy, undefined)
      if (!copy) return assert.ok(encoded.length > maxSize / 20, `${encoded.length} bytes`)
      assert.ok(encoded.length <= maxSize)
      assert.deepEqual(codec.decode(written((out) => writeList(out, copy))), given)
    }),
  )
})

test('what is copied is as it was', () => {
  const bytes = Buffer.from([1, 2, 3])
  const given = [1, bytes]
  const copy = copySimple(given, 1000)
  bytes.fill(0)
  given[0] = 2
  assert.deepEqual(copy, [1, new Uint8Array([1, 2, 3])])
})

test('bytes are measured, whatever they say of themselves', () => {
  class Short extends Uint8Array {
    override get length() {
      return 1
    }
    override get byteLength() {
      return Number.NaN
    }
  }
  assert.equal(copySimple([new Short(2000)], 1000), undefined)
  assert.deepEqual(copySimple([new Short(20)], 1000), [new Uint8Array(20)])
})

test('nothing is copied of a list with something else in it, of a long one, or of one that lies', () => {
  fc.assert(
    fc.property(fc.array(simple, { maxLength: 5 }), other, (given, one) => {
      assert.equal(copySimple([...given, one], 1e6), undefined)
    }),
  )
  for (const one of [() => 1, Symbol('s'), 2n ** 63n, -(2n ** 63n) - 1n, new Uint8Array()]) {
    assert.equal(copySimple([one], 1e6), undefined)
  }
  assert.equal(copySimple(Array(65).fill(1), 1e6), undefined)
  for (const length of [-1, 1.5, Number.NaN, 'abc', Symbol('s'), 2 ** 53, {}]) {
    const list = new Proxy([1, 2], { get: (_, key) => (key === 'length' ? length : 1) })
    assert.throws(() => copySimple(list, 1e6), RangeError, String(length))
  }
})

test('a single simple value is read if it takes all of the bytes', () => {
  fc.assert(
    fc.property(simple, (value) => {
      const encoded = codec.encode(value, 'result')
      const read = readValue(FieldReader.of(encoded))
      if (isTagged(value)) return assert.deepEqual(read, new Encoded(Buffer.from(encoded)))
      assert.deepEqual(plain(read as Simple), value)
      const more = Buffer.from([...encoded, 0])
      assert.deepEqual(readValue(FieldReader.of(more)), new Encoded(more))
    }),
  )
  for (const bytes of [
    [],
    [0xd9],
    [0xd9, 5, 65],
    [0xc4, 9, 1],
    [0xdb, 255, 255, 255, 255],
    [0x80],
  ]) {
    const encoded = Buffer.from(bytes)
    assert.deepEqual(readValue(FieldReader.of(encoded)), new Encoded(encoded), `${bytes}`)
  }
})

/** What was read, with bytes as they were given. */
function plain(value: Simple): Simple {
  return value instanceof Uint8Array ? Uint8Array.from(value) : value
}

/** Of none it is for the codec to say whether they were given away. */
function isEmptyView(value: unknown): boolean {
  return value instanceof Uint8Array && value.length === 0
}
