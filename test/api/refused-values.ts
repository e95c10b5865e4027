import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmSerializationError, VmSizeError } from 'vmring'
import { MAX_DEPTH } from '../../src/marshal.js'
import { rejectsWith } from '../support/rejects.js'
import { withContext } from '../support/service.js'

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

test('arguments are looked at once, and what they throw is no error of the caller`s', () =>
  withContext(async (context) => {
    await context.eval('const f = (...args) => args.length')
    let reads = 0
    const counting = Object.defineProperty([0, {}], 0, { get: () => ++reads })
    assert.equal(await context.call('f', counting), 2)
    assert.equal(reads, 1)
    let looks = 0
    const once = Object.defineProperty([1, 2], 1, {
      get() {
        if (++looks === 1) throw new Error('boom')
        return 'second look'
      },
    })
    await rejectsWith(context.call('f', once), VmSerializationError, { path: 'args' })
    assert.equal(looks, 1)
    for (const length of [-1, 1.5, Number.NaN, 'abc']) {
      const list = new Proxy([1, 2], { get: (_, key) => (key === 'length' ? length : 1) })
      await rejectsWith(context.call('f', list), VmSerializationError, { path: 'args' })
    }
    const throwing = Object.defineProperty([1, 2], 1, {
      get() {
        throw new Error('boom')
      },
    })
    const proxied = new Proxy([1], {
      get() {
        throw new Error('boom')
      },
    })
    for (const args of [throwing, proxied]) {
      await rejectsWith(context.call('f', args), VmSerializationError, { path: /^args/ })
    }
  }))

test('an argument that lies about its size costs nobody anything', () =>
  withContext(
    async (context) => {
      class Short extends Uint8Array {
        override get length() {
          return 1
        }
      }
      await context.eval('const size = (bytes) => bytes.length')
      await rejectsWith(context.call('size', [new Short(2 ** 21)]), VmSizeError, {
        message: /over the limit of 1048576/,
      })
      assert.equal(await context.call('size', [new Short(1000)]), 1000)
    },
    { maxSourceSize: 2 ** 20 },
  ))

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
