import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import { createConsoleRealm } from './realm.js'

/** The same as Node's own, wherever Node's has the same to go by. */

const realm = createConsoleRealm()
const major = Number(process.versions.node.split('.')[0])

/** Node before 24 has symbols as keys in brackets; before 22 it has sizes without. */
function asOfLate(text: string): string {
  const symbols = major < 24 ? text.replaceAll(/\[(Symbol\([\w.]*\))\]:/g, '$1:') : text
  return major < 22 ? symbols.replaceAll(/\b(byteLength|byteOffset|buffer):/g, '[$1]:') : symbols
}

function same(args: string): void {
  const here = runInThisContext(`[${args}]`) as unknown[]
  assert.equal(realm.log(args), asOfLate(format(...here)), args)
}

const cases: Record<string, string[]> = {
  primitives: [
    `1, -0, 1n, 'a', null, undefined, true, NaN, Infinity, Symbol('x'), Symbol()`,
    `[1, -0, 1n, 'a', null, undefined, true, NaN, Infinity, Symbol('x'), Symbol()]`,
    `''`,
    ``,
    `"it's"`,
    `["it's", 'a"b\\'c', 'a"b\\'c\`', '$\{\\'"']`,
    `['\\n\\t\\b\\f\\r\\v\\0\\x01\\x1e\\x7f\\x9f\\xa0\\\\']`,
    `['\\ud800', '\\udc00x', '\\ud800\\ud800\\udc00', '\\u{1F600}']`,
    `['x'.repeat(20_000)]`,
    `'x'.repeat(20_000)`,
    `'a\\nb'.repeat(40)`,
    `['a\\nb'.repeat(40)]`,
    `{ a: ['a\\nb'.repeat(40)] }`,
  ],
  'plain objects': [
    `{}`,
    `{ a: 1, 'b-c': 2, $d: 3, e_1: 4, [Symbol('s')]: 5, 6: 7, '': 8 }`,
    `{ a: { b: { c: { d: 1 } } } }`,
    `{ a: { b: { c: {} } } }`,
    `{ a: {}, b: [], c: undefined, d: null }`,
    `Object.create(null)`,
    `Object.assign(Object.create(null), { a: 1 })`,
    `{ __proto__: null, ['__proto__']: 1 }`,
    `Object.defineProperty({}, 'hidden', { value: 1 })`,
    `{ get a() { throw 1 }, set b(x) {}, get c() { throw 1 }, set c(x) {} }`,
    `{ [Symbol.toStringTag]: 'T', a: 1 }`,
    `{ 'a b': { 'c d': { e: [1, 2, [3]] } } }`,
    `(() => { const a = {}; a.a = a; return a })()`,
    `(() => { const a = { x: {} }; a.x.y = a; a.z = a.x; return [a, a.x] })()`,
    `(() => { const a = [1]; a.push(new Map([[a, { a }]]), new Set([a])); return a })()`,
  ],
  arrays: [
    `[]`,
    `[, 1, , 2, , , ]`,
    `Array(5)`,
    `Array(200)`,
    `[1].concat(Array(3))`,
    `[[[[1]]]]`,
    `[[[[]]]]`,
    `[{}]`,
    `Object.assign([1, 2], { x: 1, '-1': 2 })`,
    `Object.assign([], { x: 1 })`,
    `Object.setPrototypeOf([1], null)`,
    `Array.from({ length: 150 }, (_, i) => i)`,
    `Array.from({ length: 27 }, (_, i) => 'item' + i)`,
    `Array.from({ length: 101 }, (_, i) => 's'.repeat(i % 7))`,
    `Array.from({ length: 30 }, (_, i) => (i % 2 ? 'aaaaaaaaaa' : 'b'))`,
    `Array.from({ length: 7 }, () => [1, 2])`,
    `[1.5, 2.25, 100, 1000000, -3, 7, 8, 9, 10, 11]`,
    `[1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]`,
    `(function () { return arguments })(1, 2)`,
    `(function () { return arguments })()`,
  ],
  'lines that break': [
    `{ a: 'x'.repeat(100), b: 'y'.repeat(100) }`,
    `{ a: [1, 2, 3], b: { c: [{ d: 1 }] }, e: 'long string value here', f: 'another long string' }`,
    `Array.from({ length: 10 }, (_, i) => ({ id: i, name: 'n' + i, tags: ['a', 'b'] }))`,
    `{ list: Array.from({ length: 40 }, (_, i) => i * i), map: new Map([[{ a: 1 }, new Set([1])]]) }`,
    `{ a: { b: { c: 1 } }, d: { e: 1 }, f: 'fill'.repeat(15) }`,
  ],
  'functions and classes': [
    `function f() {}, () => {}, async () => {}, function* g() {}, async function* h() {}`,
    `class A {}, class extends Array {}, class B extends Map {}, class extends null {}`,
    `class A { static x = 1 }`,
    `Object.assign(() => {}, { a: 1 }), Object.assign(function foo() {}, { a: 1, b: { c: 2 } })`,
    `Object.setPrototypeOf(() => {}, null)`,
    `{ f() {}, g: class {}, i: () => {}, class() {} }`,
    `Math.max, Array, Symbol, Proxy`,
  ],
  instances: [
    `new (class Foo { a = 1 })()`,
    `new (class Foo {})()`,
    `new (class Foo { get [Symbol.toStringTag]() { return 'bar' } })()`,
    `new (class Foo extends Map {})([[1, 2]]), new (class Foo extends Set {})()`,
    `(class Foo extends Array {}).from([1, 2])`,
    `new (class Foo extends Date {})(0), new (class Foo extends RegExp {})('x')`,
    `new (class Foo extends Uint8Array {})(2)`,
    `new (function Foo() { this.x = 1 })()`,
    `Object.create({}), Object.create((class Foo {}).prototype), (class Foo {}).prototype`,
    `Object.prototype, Array.prototype, Map.prototype, Promise.prototype`,
    `Math, JSON, Reflect, (function* () {})()`,
    `{ a: { b: { c: new (class Foo { a = 1 })() } } }`,
  ],
  collections: [
    `new Map([[1, { a: 2 }], ['x', [1]]]), new Set([1, 'a', {}]), new Map(), new Set()`,
    `new Map(Array.from({ length: 120 }, (_, i) => [i, i]))`,
    `new Set(Array.from({ length: 120 }, (_, i) => i))`,
    `[new Map([[{ a: 1 }, new Set([1])]])]`,
    `Object.assign(new Map([[1, 2]]), { a: 1 })`,
    `new WeakMap(), new WeakSet(), [new WeakMap()], new WeakRef({})`,
  ],
  'built-in objects': [
    `new Date(0), new Date(NaN), [new Date(0)], Object.assign(new Date(0), { a: 1 })`,
    `/a\\/b/gi, [/x/], Object.assign(/x/, { a: 1 })`,
    `new Number(3), new Number(-0), new String('abc'), new Boolean(false), Object(1n), Object(Symbol('q'))`,
    `Object.assign(new Number(3), { a: 1 }), Object.assign(new String('abc'), { x: 1 })`,
    `new Uint8Array([1, 2, 3]), new Float64Array(200), new BigInt64Array(2), new Uint8Array(0)`,
    `Object.assign(new Uint8Array(2), { x: 1 })`,
    `new ArrayBuffer(3), [new ArrayBuffer(200)], new DataView(new ArrayBuffer(2))`,
  ],
  errors: [
    `Object.assign(new Error('boom'), { stack: 'Error: boom\\n    at x (y:1:2)' })`,
    `Object.assign(new TypeError('boom'), { stack: undefined })`,
    `[Object.assign(new RangeError('boom', { cause: { a: 1 } }), { code: 'E', stack: 'RangeError: boom\\n    at x' })]`,
    `{ e: Object.assign(new (class MyError extends Error {})('boom'), { stack: 'Error: boom\\n    at x' }) }`,
    `{ e: Object.assign(new (class Mine extends Error {})('boom'), { stack: 'Error: boom\\n    at x' }) }`,
    `Object.assign(new AggregateError([1, 2], 'boom'), { stack: 'AggregateError: boom\\n    at x' })`,
    `Object.assign(new Error('boom'), { name: 'Foo', stack: 'Error: boom\\n    at x' })`,
    `Object.assign(new Error(''), { stack: 'Error\\n    at x' })`,
    `Object.assign(new Error('a'), { stack: 'nothing', message: 'other' })`,
    `Object.assign(new Error('two\\nlines'), { stack: 'Error: two\\nlines' })`,
  ],
  directives: [
    `'%s %d %i %f %j %o %O %c %%', 'x', 1.5, 1.5, '1.5x', { a: 1 }, [1], { b: { c: { d: {} } } }, 'css', 'rest', { a: 'q' }`,
    ...[
      `'%s'`,
      `'%%'`,
      `'%%', 1`,
      `'100%', 1`,
      `'%x', 1`,
      `'%', 1`,
      `'%s%', 1`,
      `'%S', 1`,
      `'', 1`,
    ],
    ...[`'%s %s', 'a'`, `'%s%s%s', 'a', 'b', 'c', 'd'`, `'%%%s%%', 1`, `'%c%s', 'x', 'y'`],
    ...[
      `'%d', 1n`,
      `'%d', '0x10'`,
      `'%d', { valueOf() { return 5 } }`,
      `'%d', Symbol()`,
      `'%d', -0`,
    ],
    ...[
      `'%i', {}`,
      `'%i', 1n`,
      `'%i', '12.7px'`,
      `'%i', Symbol()`,
      `'%f', Symbol()`,
      `'%f', '1e3x'`,
    ],
    ...[
      `'%s', { toString() { return 'hi' } }`,
      `'%s', new (class A { toString() { return 'A!' } })()`,
    ],
    ...[
      `'%s', { a: { b: 1 } }`,
      `'%s', [1, [2, [3]]]`,
      `'%s', new Date(0)`,
      `'%s', -0`,
      `'%s', 5n`,
    ],
    ...[`'%s', null, undefined`, `'%s', () => 1`, `'%s', class Q {}`, `'%s', Object.create(null)`],
    ...[
      `'%s', Symbol('a')`,
      `'%s', { [Symbol.toPrimitive]: () => 'p' }`,
      `'%s', new Map([[1, 2]])`,
    ],
    ...[`'%j', undefined`, `'%j', (() => { const a = {}; a.a = a; return a })()`, `'%j', 'x'`],
    ...[
      `'%j', { toJSON: () => 'j' }`,
      `'%O', { a: { b: { c: { d: 1 } } } }`,
      `'%o', { a: [1, 2, { b: 3 }] }`,
    ],
    ...[`'%o', function foo() {}`, `'%o', () => {}`, `'a', 'b', { c: 'd' }`, `{}, '%s', 1`],
  ],
}

for (const [subject, list] of Object.entries(cases)) {
  test(`the same as Node: ${subject}`, () => {
    for (const args of list) same(args)
  })
}

test('a stack is shown, with its cause and its own properties', () => {
  const text = realm.log(
    `Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: 7 })`,
  )
  assert.match(
    text,
    /^TypeError: outer\n {4}at evalmachine[\s\S]* {\n {2}code: 7,\n {2}\[cause\]: Error: inner\n {6}at /,
  )
})

test('what Node asks V8 for is said to be unknown', () => {
  // The test runner's hooks put properties on promises.
  assert.match(realm.log('Promise.resolve(1)'), /^Promise \{\s+<state unknown>/)
  assert.equal(realm.log('new Map().keys()'), 'Object [Map Iterator] {}')
})

test('a proxy is shown as what it passes for', () => {
  assert.equal(realm.log('new Proxy({ a: 1 }, {})'), '{ a: 1 }')
  assert.equal(realm.log('new Proxy([1, 2], {})'), '[ 1, 2 ]')
  assert.equal(realm.log('new Proxy(function f() {}, {})'), '[Function: f]')
})

const scalar = fc.oneof(
  fc.string(),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0),
)
// What passes for wide differs only in where lines break.
const narrow = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.bigInt(), fc.boolean())

/** An expression for a value, with every key as it is. */
function literal(value: unknown): string {
  if (value instanceof Map) return `new Map(${literal([...value])})`
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`
  if (typeof value !== 'object' || value === null) return primitive(value)
  const entries = Object.entries(value)
  return `{ ${entries.map(([key, item]) => `[${JSON.stringify(key)}]: ${literal(item)}`)} }`
}

function primitive(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return inspect(value)
}

test('any primitives are shown as Node shows them', () => {
  fc.assert(
    fc.property(fc.array(scalar, { minLength: 1, maxLength: 5 }), (values) => {
      assert.equal(realm.log(values.map(literal).join()), format(...values))
    }),
  )
})

test('any flat objects and arrays are shown as Node shows them', () => {
  const flat = fc.oneof(
    fc.array(narrow, { maxLength: 40 }),
    fc.dictionary(fc.string(), narrow, { noNullPrototype: true }),
  )
  fc.assert(
    fc.property(flat, (value) => {
      assert.equal(realm.log(literal(value)), format(value))
    }),
  )
})

test('any nested values are shown as Node shows them', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      narrow,
      fc.array(tie('value'), { maxLength: 10 }),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    ),
  }))
  fc.assert(
    fc.property(value, (value) => {
      assert.equal(realm.log(literal(value)), format(value))
    }),
  )
})
