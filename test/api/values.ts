import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { VmSerializationError } from 'vmring'
import { MAX_DEPTH } from '../../src/marshal.js'
import { travellingValue } from '../support/arbitraries.js'
import { fingerprint } from '../support/fingerprint.js'
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
