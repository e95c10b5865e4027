import assert from 'node:assert/strict'
import test from 'node:test'
import { VmOptionError } from 'vmring'
import { CallPaths } from '../src/call-path.js'
import { throwsWith } from './support/rejects.js'

const valid: [path: string, segments: string[]][] = [
  ['sum', ['sum']],
  ['$', ['$']],
  ['_a1', ['_a1']],
  ['Math.max', ['Math', 'max']],
  ["a.b['c d']", ['a', 'b', 'c d']],
  ['a["b"]["c.d"].e', ['a', 'b', 'c.d', 'e']],
  ['a[0][10].b', ['a', '0', '10', 'b']],
  ["a['']", ['a', '']],
  ["a['it\\'s']", ['a', "it's"]],
  ['a["\\"\\\\"]', ['a', '"\\']],
  [`a["it's"]['"']`, ['a', "it's", '"']],
  ['\u00e9t\u00e9.\u{20bb7}', ['\u00e9t\u00e9', '\u{20bb7}']],
  ['a.constructor', ['a', 'constructor']],
  ['a.if', ['a', 'if']],
]

const invalid: unknown[] = [
  '',
  ' ',
  '.',
  'a.',
  '.a',
  'a..b',
  'a b',
  ' a',
  '1a',
  'a.1',
  'a-b',
  '[0]',
  "['a']",
  'a[',
  'a[]',
  'a[b]',
  'a[-1]',
  'a[0x1]',
  'a[1',
  "a['b]",
  'a[\'b"]',
  "a['b'",
  "a['b\\']",
  // Escapes that JavaScript would read as something else.
  "a['\\n']",
  "a['\\__proto__']",
  "a['__pro\\to__']",
  'a["_\\_proto_\\_"]',
  "a['b']c",
  'a()',
  'a;b',
  'a=>b',
  'a`b`',
  'a/b',
  'a\nb',
  'a\0b',
  "a['\0']",
  5,
  null,
  undefined,
  ['a'],
  { toString: () => 'a' },
]

/** Every way to write it. */
const prototypes = [
  '__proto__',
  '__proto__.a',
  'a.__proto__',
  'a.__proto__.b',
  "a['__proto__']",
  'a["__proto__"]',
  "a[0]['__proto__'][1]",
]

test('a path is taken apart into its segments', () => {
  const paths = new CallPaths()
  for (const [path, segments] of valid) {
    assert.deepEqual(paths.parse(path).split('\0'), segments, path)
    assert.deepEqual(paths.parse(path).split('\0'), segments, `${path}, remembered`)
  }
})

test('what is no path is refused, the second time as the first', () => {
  const paths = new CallPaths()
  for (const path of [...invalid, ...invalid]) {
    throwsWith(() => paths.parse(path), VmOptionError, {
      option: 'path',
      message: /^path: expected a name or a path.*, got /,
    })
  }
})

test('__proto__ is refused however it is written', () => {
  const paths = new CallPaths()
  for (const path of prototypes) {
    throwsWith(() => paths.parse(path), VmOptionError, { option: 'path', message: /__proto__/ })
  }
})

test('more paths than it remembers are parsed all the same', () => {
  const paths = new CallPaths()
  for (let i = 0; i < 25_000; i++) assert.equal(paths.parse(`f${i}.g`), `f${i}\0g`)
})
