import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { VmSerializationError } from 'vmring'
import { MAX_DEPTH } from '../../src/marshal.js'
import { travellingValue } from '../support/arbitraries.js'
import { fingerprint } from '../support/fingerprint.js'
import { rejectsWith } from '../support/rejects.js'
import { withContext } from '../support/service.js'

/** Some versions of Node hold two invalid dates to be different. */
const datesCompare = isDeepStrictEqual(new Date(Number.NaN), new Date(Number.NaN))

test('every value of the contract is equal after a round trip', () =>
  withContext(async (context) => {
    await context.eval('const identity = (x) => x; const later = async (x) => x')
    await fc.assert(
      fc.asyncProperty(
        travellingValue,
        fc.constantFrom('identity', 'later'),
        async (value, path) => {
          const back = await context.call(path, [value])
          assert.equal(fingerprint(back), fingerprint(value))
          if (datesCompare) assert.deepStrictEqual(back, value)
        },
      ),
      { numRuns: 100 },
    )
  }))

test('every value of the contract is what it should be inside the context', () =>
  withContext(async (context) => {
    await context.eval(`${fingerprint}`)
    await fc.assert(
      fc.asyncProperty(fc.array(travellingValue, { maxLength: 3 }), async (values) => {
        const expected = values.map((value) => fingerprint(value))
        await context.eval('var all = (...args) => args.map((value) => fingerprint(value))')
        assert.deepEqual(await context.call('all', values), expected)
      }),
      { numRuns: 40 },
    )
  }))

test('names that mean something are inert data of their own, on both sides', () =>
  withContext(async (context) => {
    const names = ['__proto__', 'constructor', 'then', 'toJSON', 'valueOf', 'length']
    const value = Object.fromEntries(names.map((name) => [name, { polluted: true }]))
    await context.eval(`function look(x) {
      return [Object.keys(x), Object.getPrototypeOf(x) === Object.prototype, x.polluted, ({}).polluted]
    }`)
    assert.deepEqual(await context.call('look', [value]), [names, true, undefined, undefined])
    await context.eval('const identity = (x) => x')
    const back = await context.call<Record<string, unknown>>('identity', [value])
    assert.deepEqual(Object.keys(back), names)
    assert.equal(Object.getPrototypeOf(back), Object.prototype)
    assert.equal(back.polluted, undefined)
    assert.equal(Reflect.get({}, 'polluted'), undefined)
  }))

test('a Buffer arrives as a Uint8Array, and so does what comes back', () =>
  withContext(async (context) => {
    await context.eval('const identity = (x) => x')
    await context.eval('const kind = (x) => Object.getPrototypeOf(x) === Uint8Array.prototype')
    assert.equal(await context.call('kind', [Buffer.from('abc')]), true)
    const back = await context.call('identity', [Buffer.from('abc')])
    assert.equal(Object.getPrototypeOf(back), Uint8Array.prototype)
    assert.deepEqual(back, new Uint8Array([97, 98, 99]))
  }))

test('what comes back shares no memory with anything else', () =>
  withContext(async (context) => {
    const results = await context.eval<Uint8Array[]>('[new Uint8Array(4), new Uint8Array(4)]')
    const [first, second] = results as [Uint8Array, Uint8Array]
    assert.equal(first.buffer.byteLength, 4)
    first.fill(255)
    assert.deepEqual(second, new Uint8Array(4))
  }))

test('bytes are those at the time of the return, whatever becomes of their memory', () =>
  withContext(async (context) => {
    await context.eval(`
      function later(change) {
        const buffer = new ArrayBuffer(8, { maxByteLength: 16 })
        const bytes = new Uint8Array(buffer, 0, 8).fill(1)
        Promise.resolve().then(() => change === 'set' ? bytes.fill(9) : buffer.resize(Number(change)))
        return bytes
      }
      function forged() {
        const bytes = new Uint8Array([1, 2])
        Object.defineProperty(bytes, 'length', { value: 1000 })
        Object.setPrototypeOf(bytes, { [Symbol.toStringTag]: 'Map' })
        return bytes
      }`)
    for (const change of ['set', '0', '4', '16']) {
      assert.deepEqual(await context.call('later', [change]), new Uint8Array(8).fill(1))
    }
    assert.deepEqual(await context.call('forged'), new Uint8Array([1, 2]))
    // The same where a getter has the microtask run before the result is looked at.
    const source = `
      const shrinking = new ArrayBuffer(8, { maxByteLength: 16 })
      const view = new Uint8Array(shrinking, 0, 8)
      Object.defineProperty(view, 'then', {
        get() { Promise.resolve().then(() => shrinking.resize(0)) },
      })
      view`
    assert.deepEqual(await context.eval(source), new Uint8Array(8))
    assert.equal(await context.eval('1'), 1)
  }))

test('an error of an application comes back as an error, with its own name', () =>
  withContext(async (context) => {
    class PaymentError extends RangeError {
      override readonly name = 'PaymentError'
      readonly status = 402
    }
    await context.eval('const look = (e) => [e instanceof RangeError, e.name, e.message, e.status]')
    assert.deepEqual(await context.call('look', [new PaymentError('no')]), [
      true,
      'PaymentError',
      'no',
      402,
    ])
    // Stacks of the host stay at home.
    await context.eval('const stackOf = (e) => e.stack')
    assert.equal(await context.call('stackOf', [new TypeError('no')]), 'TypeError: no')
  }))

const levels: Record<string, (inner: unknown) => unknown> = {
  array: (inner) => [inner],
  object: (inner) => ({ inner }),
  map: (inner) => new Map([['inner', inner]]),
  set: (inner) => new Set([inner]),
  error: (inner) => new Error('outer', { cause: inner }),
}

function nested(depth: number, level: (inner: unknown) => unknown): unknown {
  let value: unknown = 'innermost'
  for (let i = 0; i < depth; i++) value = level(value)
  return value
}

test('values nested up to the bound travel, and beyond it are refused as such', () =>
  withContext(async (context) => {
    await context.eval('const identity = (x) => x')
    for (const [kind, level] of Object.entries(levels)) {
      for (const depth of [1, 100, MAX_DEPTH - 2, MAX_DEPTH + 1, 5000]) {
        const value = nested(depth, level)
        const back = await context.call('identity', [value]).catch((error: unknown) => error)
        if (back instanceof VmSerializationError) {
          assert.ok(depth >= MAX_DEPTH, `${kind} ${depth}`)
          assert.match(back.path, /^(args|result)/)
        } else {
          assert.ok(depth < MAX_DEPTH, `${kind} ${depth}`)
          assert.equal(fingerprint(back), fingerprint(value), `${kind} ${depth}`)
        }
      }
    }
    assert.deepEqual(await context.call('identity', [[1]]), [1])
  }))

/** Kinds that can't travel, as expressions, so that either side can make one. */
const strangers = {
  DataView: 'new DataView(new ArrayBuffer(1))',
  Promise: 'Promise.resolve()',
  WeakMap: 'new WeakMap()',
  WeakSet: 'new WeakSet()',
  WeakRef: 'new WeakRef({})',
  Generator: '(function* () {})()',
}

/** Where such a value may sit, and the path that its report must show. */
const places: [path: string, build: (value: unknown) => unknown, source: string][] = [
  ['.a', (value) => ({ a: value }), '({ a: VALUE })'],
  ['[1]', (value) => [0, value], '[0, VALUE]'],
  [
    '["home page"].x[0]',
    (value) => ({ 'home page': { x: [value] } }),
    '({ "home page": { x: [VALUE] } })',
  ],
  ['[0]', (value) => new Map([['key', value]]), 'new Map([["key", VALUE]])'],
  ['[1].a', (value) => new Set([0, { a: value }]), 'new Set([0, { a: VALUE }])'],
  [
    '.cause.a',
    (value) => new Error('x', { cause: { a: value } }),
    'new Error("x", { cause: { a: VALUE } })',
  ],
  ['.constructor', (value) => ({ constructor: value }), '({ constructor: VALUE })'],
  ['["\\n"]', (value) => ({ '\n': value }), '({ "\\n": VALUE })'],
]

test('what can not travel as an argument is refused with its path', () =>
  withContext(async (context, service) => {
    await context.eval('const f = () => 1')
    for (const [kind, source] of Object.entries(strangers)) {
      const value: unknown = new Function(`return ${source}`)()
      const message = new RegExp(kind)
      await rejectsWith(context.call('f', [1, value]), VmSerializationError, {
        path: 'args[1]',
        message,
      })
      for (const [path, build] of places) {
        const fields = { path: `args[0]${path}`, message }
        await rejectsWith(context.call('f', [build(value)]), VmSerializationError, fields)
      }
    }
    assert.equal(service.stats().inFlight, 0)
    assert.equal(await context.call('f'), 1)
  }))

test('functions and symbols are refused as arguments', () =>
  withContext(async (context) => {
    for (const value of [() => 1, class {}, Symbol('s')]) {
      const message = new RegExp(typeof value)
      await rejectsWith(context.call('f', [value]), VmSerializationError, {
        path: 'args[0]',
        message,
      })
      for (const [path, build] of places) {
        const fields = { path: `args[0]${path}`, message }
        await rejectsWith(context.call('f', [build(value)]), VmSerializationError, fields)
      }
    }
  }))

test('what can not travel as a result is refused with its path, and the context lives on', () =>
  withContext(async (context) => {
    await context.eval('var mark = 1')
    for (const [kind, source] of Object.entries(strangers)) {
      const message = new RegExp(kind)
      for (const [path, , place] of places) {
        const script = place.replace('VALUE', source)
        const fields = { path: `result${path}`, message }
        await rejectsWith(context.eval(script), VmSerializationError, fields)
      }
      if (kind === 'Promise') continue
      await rejectsWith(context.eval(source), VmSerializationError, { path: 'result', message })
      await rejectsWith(context.eval(`Promise.resolve(${source})`), VmSerializationError, {
        path: 'result',
        message,
      })
    }
    assert.equal(await context.eval('mark'), 1)
  }))

test('a cycle is refused, and never hangs', () =>
  withContext(async (context) => {
    const object: Record<string, unknown> = {}
    object.self = object
    await rejectsWith(context.call('f', [object]), VmSerializationError, {
      path: /^args\[0\](\.self)+…$/,
      message: /cycle/,
    })
    const map = new Map<string, unknown>()
    map.set('self', [map])
    await rejectsWith(context.call('f', [map]), VmSerializationError, { message: /cycle/ })
    const error = new Error('x')
    error.cause = error
    await rejectsWith(context.call('f', [error]), VmSerializationError, {
      path: /^args\[0\](\.cause)+…$/,
    })
    await rejectsWith(context.eval('const o = {}; o.self = o; o'), VmSerializationError, {
      path: /^result(\.self)+…$/,
      message: /cycle/,
    })
    await rejectsWith(context.eval('const a = []; a[0] = a; a'), VmSerializationError, {
      path: /^result(\[0\])+…$/,
    })
  }))

test('a value nested too deep is refused in both directions', () =>
  withContext(async (context) => {
    await context.eval('const f = () => 1')
    const nested = (levels: number): unknown => {
      let value: unknown = []
      for (let level = 0; level < levels; level++) value = [value]
      return value
    }
    assert.equal(await context.call('f', [nested(MAX_DEPTH - 2)]), 1)
    for (const levels of [MAX_DEPTH + 1, 100_000]) {
      await rejectsWith(context.call('f', [nested(levels)]), VmSerializationError, {
        path: /^args(\[0\])+…$/,
        message: /deep/,
      })
      const source = `let value = []; for (let i = 0; i < ${levels}; i++) value = [value]; value`
      await rejectsWith(context.eval(`{ ${source} }`), VmSerializationError, {
        path: /^result(\[0\])+…$/,
        message: /deep/,
      })
    }
  }))

test('an argument that throws when it is looked at is refused with its path', () =>
  withContext(async (context) => {
    const getter = {
      get x(): never {
        throw new Error('boom')
      },
    }
    await rejectsWith(context.call('f', [getter]), VmSerializationError, {
      path: /^args\[0\]/,
    })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    await rejectsWith(context.call('f', [[proxy]]), VmSerializationError, {
      path: /^args\[0\]/,
    })
  }))

test('bytes that were given away are refused with their path', () =>
  withContext(async (context) => {
    const bytes = new Uint8Array(8)
    const { buffer } = bytes
    structuredClone(buffer, { transfer: [buffer] })
    await rejectsWith(context.call('f', [{ buffer }]), VmSerializationError, {
      path: 'args[0].buffer',
    })
    await rejectsWith(context.call('f', [{ bytes }]), VmSerializationError, {
      path: 'args[0].bytes',
    })
  }))
