import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
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

test('built-ins may be frozen, and making code of strings forbidden', () => {
  const asked = [
    [WEB_OPS.urlParse, '/b?c#d', 'http://a'],
    [WEB_OPS.urlParse, 'nonsense'],
    [WEB_OPS.urlSet, 'http://a/', 'search', 'x=y'],
    [WEB_OPS.queryParse, '?a=b&c=%20'],
    [WEB_OPS.queryWrite, '["a","b c"]'],
    [WEB_OPS.querySort, '["b","1","a","2"]'],
    [WEB_OPS.utf8, 'ä'],
    [WEB_OPS.utf8Within, 'äö', 3],
    [WEB_OPS.encodingOf, 'latin1'],
    [WEB_OPS.decode, [0xc3, 0xa4], 'utf-8', 1],
    [WEB_OPS.decode, [0xff], 'utf-8', 1],
    [WEB_OPS.decode, [0x83, 0x41], 'shift_jis', 2],
    [WEB_OPS.toBase64, 'hi'],
    [WEB_OPS.fromBase64, 'aGk='],
    [WEB_OPS.fromBase64, '*'],
  ]
  const run = (...flags: string[]) => {
    const program = fileURLToPath(new URL('./frozen-program.js', import.meta.url))
    return JSON.parse(
      execFileSync(process.execPath, [...flags, program, JSON.stringify(asked)], {
        encoding: 'utf8',
      }),
    ) as unknown[]
  }
  const here = asked.map(([op, a, b, c]) => {
    const answer = answerWeb(op, Array.isArray(a) ? Buffer.from(a) : a, b, c)
    return answer === undefined ? null : types.isUint8Array(answer) ? [...answer] : answer
  })
  assert.deepEqual(run('--disallow-code-generation-from-strings'), here)
})
