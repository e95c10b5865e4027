import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameWriter } from '../../src/wire/framing.js'
import { createValueCodec } from '../../src/wire/values/codec.js'
import { loadMsgpack } from '../../src/wire/values/msgpack.js'
import { LONGEST_SIMPLE, readPrimitives, writePrimitive } from '../../src/wire/values/primitive.js'
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

/** Around every border between notations. */
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([power, more, negative]) => (2 ** power + more) * (negative ? -1 : 1)),
)
const simple = fc.oneof(
  number,
  fc.string({ unit: 'binary', maxLength: 1024 }),
  fc.boolean(),
  fc.constantFrom(null, undefined),
)
const other = fc.oneof(
  fc.bigInt(),
  fc.constantFrom('x'.repeat(1025), '\ud800', -0, {}, [], new Uint8Array(3)),
)

test('what is written without the codec is what the codec reads', () => {
  fc.assert(
    fc.property(simple, (value) => {
      const out = new FrameWriter()
      out.begin(1, 1, 1)
      if (!writePrimitive(out, value)) return assert.ok(Object.is(value, -0))
      out.end()
      const bytes = bytesOf(out).subarray(13)
      assert.ok(bytes.length <= LONGEST_SIMPLE)
      assert.ok(Object.is(codec.decode(bytes), value))
    }),
  )
})

test('what is not written without the codec leaves no byte', () => {
  fc.assert(
    fc.property(other, (value) => {
      const out = new FrameWriter()
      out.begin(1, 1, 1)
      assert.equal(writePrimitive(out, value), false)
      out.cancel()
      assert.equal(out.size, 0)
    }),
  )
})

test('what the codec wrote is read without it, or not at all', () => {
  const values = fc.array(fc.oneof(simple, other), { maxLength: 20 })
  fc.assert(
    fc.property(values, (given) => {
      const bytes = codec.encode(given, 'args').slice()
      const read = readPrimitives(bytes)
      if (read) assert.deepEqual(read, codec.decode(bytes))
    }),
  )
  // And most are.
  for (const given of [[], [1, 'two', null, true, -5, 0.5, 1e9, -70_000, 200, 40_000]]) {
    assert.deepEqual(readPrimitives(codec.encode(given, 'args').slice()), given)
  }
})
