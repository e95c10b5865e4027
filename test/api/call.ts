import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmOptionError, VmScriptError } from 'vmring'
import { CallPaths } from '../../src/call-path.js'
import { rejectsWith, throwsWith } from '../support/rejects.js'
import { withContext } from '../support/service.js'

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

test('a path leads to a function, with the object before it as its this', () =>
  withContext(async (context) => {
    await context.eval(`
      var a = { b: { name: 'b', 'c d'() { return this.name }, list: [null, (x) => x * 2] } }
      var \u00e9t\u00e9 = { $_1: () => 'summer' }
    `)
    assert.equal(await context.call("a.b['c d']"), 'b')
    assert.equal(await context.call('a["b"]["c d"]'), 'b')
    assert.equal(await context.call('a.b.list[1]', [21]), 42)
    assert.equal(await context.call('\u00e9t\u00e9.$_1'), 'summer')
    assert.equal(await context.call('Math.max', [1, 7, 3], { timeout: 1000 }), 7)
    assert.equal(await context.call('globalThis.Math.min', [1, 7, 3]), 1)
  }))

test('a name finds what let, const and class made, which no global object has', () =>
  withContext(async (context) => {
    await context.eval(`
      const twice = (x) => x * 2
      let thrice = (x) => x * 3
      class Shape { static sides(n) { return n } }
    `)
    assert.equal(await context.call('twice', [2]), 4)
    assert.equal(await context.call('thrice', [2]), 6)
    assert.equal(await context.call('Shape.sides', [5]), 5)
  }))

test('a name is looked up again at each call', () =>
  withContext(async (context) => {
    await context.eval('let f = () => 1; var g = { h: () => 1 }')
    assert.deepEqual([await context.call('f'), await context.call('g.h')], [1, 1])
    await context.eval('f = () => 2; g = { h: () => 2 }')
    assert.deepEqual([await context.call('f'), await context.call('g.h')], [2, 2])
    await context.reset()
    await rejectsWith(context.call('f'), VmScriptError, { scriptName: 'ReferenceError' })
  }))

test('a name is what it would be in a script, whatever it is', () =>
  withContext(async (context) => {
    await context.eval(`
      var _0 = (...args) => ['_0', ...args], $0 = (...args) => ['$0', ...args], $ = { _0 }
      var undefined_ = 1, self = function () { return this === globalThis }
      globalThis['if'] = (...args) => ['if', ...args]
      const static = (...args) => ['static', ...args], package = { of: (x) => [this === undefined, x] }
      let interface = function () { return this === globalThis }
      globalThis.tree = { 'a b': { '\u2028"': (x) => x }, class: function () { return this === tree } }
    `)
    assert.deepEqual(await context.call('_0', [1, 2]), ['_0', 1, 2])
    assert.deepEqual(await context.call('$0', [1, 2]), ['$0', 1, 2])
    assert.deepEqual(await context.call('$._0', [1, {}]), ['_0', 1, {}])
    assert.deepEqual(await context.call('if', [1]), ['if', 1])
    assert.deepEqual(await context.call('if', [{}]), ['if', {}])
    // Names that only strict code reserves.
    assert.deepEqual(await context.call('static', [1]), ['static', 1])
    assert.deepEqual(await context.call('static', [{}]), ['static', {}])
    assert.deepEqual(await context.call('package.of', [1]), [false, 1])
    assert.equal(await context.call('interface'), true)
    assert.equal(await context.call(`tree['a b']['\u2028"']`, [7]), 7)
    assert.equal(await context.call('tree.class'), true)
    assert.equal(await context.call('tree.class', [{}]), true)
    assert.equal(await context.call('self'), true)
    // Indirect, in the global scope: it sees nothing of how it is called.
    assert.equal(
      await context.call('eval', ['var made = typeof _0 + typeof arguments; made']),
      'functionundefined',
    )
    assert.equal(await context.eval('made'), 'functionundefined')
    assert.deepEqual(await context.call('this._0', [1]), ['_0', 1])
  }))

test('names are found where no code may be made of strings, too', () =>
  withContext(
    async (context) => {
      await context.eval('const twice = (x) => x * 2; let tools = { thrice: (x) => x * 3 }')
      assert.equal(await context.call('twice', [4]), 8)
      assert.equal(await context.call('tools.thrice', [4]), 12)
    },
    { features: { codeGeneration: false } },
  ))

test('a path means what it does in each context, however many paths there are', () =>
  withContext(async (context, service) => {
    const other = await service.createContext()
    const define = (secret: string): string =>
      `var t = {}; for (let i = 0; i < 1200; i++) t['f' + i] = (x) => '${secret}' + i + x`
    await context.eval(define('a'))
    await other.eval(define('b'))
    for (let i = 0; i < 1200; i++) {
      const calls = [
        context.call(`t.f${i}`, [1]),
        other.call(`t.f${i}`, [2]),
        context.call('t.f0', [3]),
      ]
      assert.deepEqual(await Promise.all(calls), [`a${i}1`, `b${i}2`, 'a03'])
    }
  }))

test('what is no function is a TypeError that says so', () =>
  withContext(async (context) => {
    await context.eval('var n = { five: 5 }')
    await rejectsWith(context.call('n.five'), VmScriptError, {
      message: 'TypeError: n.five is not a function',
    })
    for (const args of [[], [1], [{}], Array(20).fill(1)]) {
      for (const path of ['n', 'n.five', 'if', 'eval.five']) {
        const message = `TypeError: ${path} is not a function`
        await rejectsWith(context.call(path, args), VmScriptError, { message })
      }
    }
    await rejectsWith(context.call('n.six.seven'), VmScriptError, { scriptName: 'TypeError' })
    await rejectsWith(context.call('n'), VmScriptError, { scriptName: 'TypeError' })
    // A reserved word names nothing, and is no way to run code.
    await rejectsWith(context.call('if'), VmScriptError)
  }))

test('more arguments than a primitive call spreads arrive all the same', () =>
  withContext(async (context) => {
    await context.eval('function count() { return [arguments.length, arguments[99]] }')
    const args = Array.from({ length: 100 }, (_, i) => i)
    assert.deepEqual(await context.call('count', args), [100, 99])
    assert.deepEqual(await context.call('count', []), [0, undefined])
  }))

test('a missing trailing argument and an explicit undefined are told apart', () =>
  withContext(async (context) => {
    await context.eval('function count(...args) { return args.length }')
    assert.equal(await context.call('count', [1]), 1)
    assert.equal(await context.call('count', [1, undefined]), 2)
    assert.equal(await context.call('count', [{}, undefined]), 2)
  }))
