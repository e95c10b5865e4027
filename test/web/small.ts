import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { both, NODE, rejections, same, shared, WebContext } from './context.js'

const encode = both((_describe, text: string) => btoa(text))
const decode = both((_describe, text: string) => atob(text))

test('base64 is as with Node', () => {
  const text = fc
    .array(fc.oneof(fc.nat(255), fc.nat(0xffff)))
    .map((units) => String.fromCharCode(...units))
  const latin = fc.array(fc.nat(255)).map((units) => String.fromCharCode(...units))
  fc.assert(fc.property(fc.oneof(text, latin), encode))
  const base64 = fc.oneof(
    latin.map((text) => btoa(text)),
    fc.string(),
    fc
      .array(fc.constantFrom('A', 'b', '+', '/', '=', '-', '_', ' ', '\n', '\t', '\v', 'é'))
      .map((list) => list.join('')),
  )
  fc.assert(fc.property(base64, decode), { numRuns: 1000 })
  for (const expression of [
    'atob()',
    'btoa()',
    'atob(null)',
    'btoa(undefined)',
    'btoa(Symbol("x"))',
    'atob.length + atob.name + btoa.name',
  ]) {
    same(expression)
  }
})

test('DOMException has what that of Node has', () => {
  for (const expression of [
    '((e) => [e.name, e.message, e.code, String(e), e instanceof Error, e instanceof DOMException, typeof e.stack])(new DOMException())',
    '((e) => [e.name, e.message, e.code])(new DOMException("m", "NotFoundError"))',
    '((e) => [e.name, e.message, e.code])(new DOMException("m", "constructor"))',
    '((e) => [e.name, e.message, e.code, e.cause])(new DOMException("m", { name: "AbortError", cause: 5 }))',
    '[DOMException.ABORT_ERR, new DOMException().DATA_CLONE_ERR, DOMException.INDEX_SIZE_ERR]',
    'Object.prototype.toString.call(new DOMException())',
    'DOMException.prototype.name',
    'Object.getPrototypeOf(DOMException) === Function.prototype',
    'Object.getPrototypeOf(DOMException.prototype) === Error.prototype',
    'DOMException("x")',
    'throwing()',
  ]) {
    same(expression)
  }
})

test('randomness is random, and of the kind that is asked for', () => {
  for (const expression of [
    'crypto.getRandomValues()',
    'crypto.getRandomValues(new Float32Array(1))',
    'crypto.getRandomValues(new DataView(new ArrayBuffer(1)))',
    'crypto.getRandomValues.call({}, new Uint8Array(1))',
    'crypto.getRandomValues(new Uint8Array(0)).length',
    'crypto.getRandomValues(new BigUint64Array(3)).length',
    'crypto.randomUUID().length',
    'new crypto.constructor()',
    'Object.prototype.toString.call(crypto)',
    ...(NODE < 26 ? ['crypto.getRandomValues(new Uint8Array(65537))'] : []),
  ]) {
    same(expression)
  }
  // As WebIDL has it, and Node since 26.12.
  assert.equal(
    shared.run('try { crypto.getRandomValues([]) } catch (e) { e.name + " " + e.code }'),
    'TypeError ERR_INVALID_ARG_TYPE',
  )
  assert.equal(
    shared.run(`(() => {
      const bytes = new Uint8Array(64)
      const half = crypto.getRandomValues(bytes.subarray(32))
      const ids = new Set([crypto.randomUUID(), crypto.randomUUID()])
      return [half.buffer === bytes.buffer, bytes.subarray(0, 32).every((byte) => byte === 0),
        half.some((byte) => byte !== 0), ids.size,
        [...ids].every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))].join()
    })()`),
    'true,true,true,2,true',
  )
})

test('the clock begins with the context, in whole milliseconds, and never goes back', () => {
  const { context } = new WebContext()
  assert.ok(context)
  const times = shared.run(`(() => {
    const times = []
    for (let i = 0; i < 1000; i++) times.push(performance.now())
    return times.every((time, i) => Number.isInteger(time) && time >= (times[i - 1] ?? 0)) &&
      Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000
  })()`)
  assert.equal(times, true)
  same('Object.prototype.toString.call(performance)')
})

test('microtasks run after the script, in their order', async () => {
  const web = new WebContext()
  const reasons = await rejections(() => {
    const seen = web.run(`
      globalThis.seen = []
      Promise.resolve().then(() => seen.push(1))
      queueMicrotask(() => seen.push(2))
      Promise.resolve().then(() => seen.push(3))
      queueMicrotask(() => { throw 'nobody hears of it' })
      queueMicrotask(function () { 'use strict'; seen.push(this === undefined, arguments.length) })
      seen.length`)
    assert.equal(seen, 0)
  })
  assert.equal(web.run('seen.join()'), '1,2,3,true,0')
  assert.deepEqual(reasons, ['nobody hears of it'])
  same('queueMicrotask(5)')
  same('queueMicrotask()')
  same('queueMicrotask.length + queueMicrotask.name')
})
