import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NODE, same, shared } from './context.js'

const key = fc.constantFrom(
  'a',
  'b',
  '__proto__',
  'constructor',
  'length',
  '0',
  '1',
  'toString',
  'é',
)
const leaf = fc.oneof(
  fc.constantFrom(
    ...['undefined', 'null', 'true', '0', '-0', 'NaN', '1n', '-(2n ** 70n)', '"\\ud800"', '""'],
    ...[
      'new Date(0)',
      'new Date(NaN)',
      '/a+/giu',
      '/[/]/',
      '/x/y',
      'new Number(-0)',
      'new String("ab")',
    ],
    ...['new Boolean(false)', 'Object(5n)', 'new Uint8Array([1, 2, 3])', 'new ArrayBuffer(3)'],
    ...[
      'new Float64Array([0.5]).buffer',
      'new DataView(new ArrayBuffer(4), 1, 2)',
      '[]',
      '[, 1, , 2,]',
    ],
    ...[
      'new Error("m")',
      'new TypeError("t")',
      'new RangeError()',
      'new (class X extends Error {})("x")',
    ],
    ...['Object.assign(new Error("own"), { extra: 1 })', 'new AggregateError([1], "all")'],
    ...[
      'Object.assign(new Error("n"), { name: "RangeError" })',
      'new (class Y { a = 1; #b = 2 })()',
    ],
    ...[
      'Object.create({ inherited: 1 })',
      'Object.create(null)',
      'new (class M extends Map {})([[1, 2]])',
    ],
    ...['({ get a() { return 5 } })', '({ [Symbol("s")]: 1, b: 2 })', 'shared', 'buffer', 'self'],
    ...[
      'new Int16Array(buffer, 2, 3)',
      'new BigInt64Array(buffer)',
      'new Uint8ClampedArray(buffer, 1)',
    ],
    ...[
      'Object.defineProperty([1], "x", { value: 2, enumerable: true })',
      'Object.freeze({ a: 1 })',
    ],
    ...[
      'Object.defineProperty({}, "hidden", { value: 1 })',
      'new Date(8.64e15)',
      'RegExp.prototype',
    ],
  ),
  // What can't be cloned.
  fc
    .constantFrom('() => 1', 'Symbol("s")', 'Promise.resolve()', 'new WeakMap()', 'new WeakSet()')
    .map((text) => `(flag ? (${text}) : 0)`),
)
/** The source of a value, of anything that there is. */
const { source } = fc.letrec<{ source: string }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('source'), { maxLength: 4 }).map((list) => `[${list}]`),
    fc
      .array(fc.tuple(key, tie('source')), { maxLength: 4 })
      .map((list) => `({ ${list.map(([name, value]) => `[${JSON.stringify(name)}]: ${value}`)} })`),
    fc
      .array(fc.tuple(tie('source'), tie('source')), { maxLength: 3 })
      .map((list) => `new Map([${list.map(([name, value]) => `[${name}, ${value}]`)}])`),
    fc.array(tie('source'), { maxLength: 3 }).map((list) => `new Set([${list}])`),
    tie('source').map((value) => `new Error("e", { cause: ${value} })`),
  ),
}))

function clone(value: string, flag: boolean): void {
  same(`(() => {
    const flag = ${flag}
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer
    const shared = { deep: [1] }
    const self = {}
    self.me = self
    self.value = ${value}
    return describe.value(structuredClone(self))
  })()`)
}

test('values are cloned as by Node', () => {
  fc.assert(
    fc.property(source, fc.nat(3), (value, flag) => clone(value, flag === 0)),
    { numRuns: 3000 },
  )
})

test('structuredClone refuses what Node refuses', () => {
  for (const expression of [
    'structuredClone()',
    'structuredClone(undefined)',
    'structuredClone(() => 1)',
    'structuredClone(Symbol("x"))',
    'structuredClone(Object(Symbol("x")))',
    'structuredClone({ a: class {} })',
    'structuredClone(Promise.resolve(1))',
    'structuredClone(new WeakRef({}))',
    'structuredClone((function* () {})())',
    'structuredClone([][Symbol.iterator]())',
    'structuredClone(new Map().entries())',
    'structuredClone((function () { return arguments })(1, 2))',
    'structuredClone({ get a() { throw new RangeError("mine") } })',
    'structuredClone(Math)',
    'structuredClone(globalThis.JSON)',
    'structuredClone(new (class Foo { get [Symbol.toStringTag]() { return "Foo" } })())',
    'structuredClone(new (class Foo extends Date { get [Symbol.toStringTag]() { return "Foo" } })(5))',
    'structuredClone({ [Symbol.toStringTag]: "Date", a: 1 })',
    'structuredClone(1, 5)',
    'structuredClone(1, null)',
    ...(NODE < 22
      ? []
      : ['structuredClone(1, { transfer: [5] })', 'structuredClone(1, { transfer: [{}] })']),
    '((b) => structuredClone(b, { transfer: [b, b] }))(new ArrayBuffer(1))',
    'structuredClone(new ArrayBuffer(8, { maxByteLength: 16 }))',
    '((a) => { a[5] = a; a.x = [a]; return structuredClone(a) })([1, , 3])',
    'structuredClone(new Array(4294967295)).length',
    '((o) => { const c = structuredClone([o, o]); return c[0] === c[1] && c[0] !== o })({})',
    '((b) => { const c = structuredClone([new Uint8Array(b), new Uint8Array(b, 1)]); return c[0].buffer === c[1].buffer })(new ArrayBuffer(4))',
    '((o) => structuredClone(o))({ get a() { delete this.b; return 1 }, b: 2, c: 3 })',
    ...(NODE < 22 ? [] : ['structuredClone(new DOMException("m", "AbortError")).code']),
  ]) {
    same(expression)
  }
})

test('a transferred buffer arrives, and is gone here', () => {
  for (const expression of [
    '((b) => { const c = structuredClone({ v: new Uint8Array(b, 1), b }, { transfer: [b] }); return [c, c.v.buffer === c.b] })(new Uint8Array([1, 2, 3]).buffer)',
    '((b) => structuredClone(5, { transfer: new Set([b]) }))(new ArrayBuffer(1))',
  ]) {
    same(expression)
  }
  same(
    '(() => { try { structuredClone(1, { transfer: 5 }) } catch (error) { return error.name } })()',
  )
  // Before a buffer could be moved by a script's means, all there was to do was copying it.
  if (NODE < 22) return
  same(
    '((b) => { structuredClone(5, { transfer: [b] }); return b.byteLength })(new ArrayBuffer(3))',
  )
  same(
    '((b) => { structuredClone(5, { transfer: [b] }); return structuredClone(b) })(new ArrayBuffer(3))',
  )
  same(
    '((b) => { try { structuredClone(() => 1, { transfer: [b] }) } catch {} return b.byteLength })(new ArrayBuffer(3))',
  )
})

test('what is nested too deep is an error of the context', () => {
  assert.equal(
    shared.run(`(() => {
      let value = {}
      for (let i = 0; i < 200000; i++) value = { value }
      try { structuredClone(value) } catch (error) { return error instanceof RangeError }
    })()`),
    true,
  )
})
