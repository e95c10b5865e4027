import assert from 'node:assert/strict'
import { test } from 'node:test'
import { types } from 'node:util'
import fc from 'fast-check'
import { answerWeb } from '../../src/worker/realm/web/answer.js'
import { WEB_OPS } from '../../src/worker/realm/web/ops.js'

/** A context is hostile: it may ask anything, with anything that can cross. */

const operand = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'http://a/b',
    'href',
    'utf-8',
    '["a","b"]',
    '[1]',
    '{}',
    '[[]]',
    'constructor',
    '__proto__',
  ),
  fc.constantFrom(
    undefined,
    null,
    true,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 40,
    5n,
  ),
  fc.integer(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.constantFrom({}, [], () => 1, Object.create(null)),
)

test('whatever is asked, the answer is a primitive or bytes', () => {
  const op = fc.oneof(fc.constantFrom(...Object.values(WEB_OPS)), operand)
  fc.assert(
    fc.property(op, operand, operand, operand, (which, a, b, c) => {
      const answer = answerWeb(which, a, b, c)
      const isPrimitive =
        answer === null || (typeof answer !== 'object' && typeof answer !== 'function')
      assert.ok(isPrimitive || types.isUint8Array(answer))
    }),
    { numRuns: 5000 },
  )
})

test('what makes no sense has no answer', () => {
  for (const asked of [
    [0],
    ['urlParse', 'http://a'],
    [WEB_OPS.urlParse, 5],
    [WEB_OPS.urlParse, 'http://a', 5],
    [WEB_OPS.urlParse, 'nonsense'],
    [WEB_OPS.urlSet, 'http://a', 'searchParams', 'x'],
    [WEB_OPS.urlSet, 'http://a', '__proto__', 'x'],
    [WEB_OPS.urlSet, 'http://a', 'origin', 'x'],
    [WEB_OPS.urlSet, 'http://a', 'href', 'x'],
    [WEB_OPS.queryWrite, '{'],
    [WEB_OPS.queryWrite, '{"length":2}'],
    [WEB_OPS.queryWrite, '[1,2]'],
    [WEB_OPS.querySort, '["a",{}]'],
    [WEB_OPS.utf8Within, 'a', -1],
    [WEB_OPS.encodingOf, 'nonsense'],
    [WEB_OPS.decode, 'text', 'utf-8', 0],
    [WEB_OPS.decode, Buffer.from([255]), 'utf-8', 1],
    [WEB_OPS.decode, Buffer.from([65]), 'nonsense', 0],
    [WEB_OPS.random, 65_537],
    [WEB_OPS.random, -1],
    [WEB_OPS.toBase64, '\u1000'],
    [WEB_OPS.fromBase64, '*'],
  ]) {
    assert.equal(
      answerWeb(asked[0], asked[1], asked[2], asked[3]),
      undefined,
      JSON.stringify(asked),
    )
  }
})
