import assert from 'node:assert/strict'
import test from 'node:test'
import { type VmContext, VmScriptError, VmSizeError } from 'vmring'
import { rejectsWith } from '../support/rejects.js'
import { serviceForAll, withContext } from '../support/service.js'

const MIB = 1024 * 1024

/** Asserts that a text arrives and comes back as it is, by every way that texts travel. */
async function survives(context: VmContext, text: string): Promise<void> {
  const literal = JSON.stringify(text)
  const what = literal.slice(0, 60)
  assert.ok((await context.eval(literal)) === text, `completion value ${what}`)
  assert.ok((await context.eval<{ a: string }>(`({ a: ${literal} })`)).a === text, `nested ${what}`)
  assert.ok((await context.call('identity', [text])) === text, `argument ${what}`)
  const [back] = await context.call<string[]>('identity', [[text]])
  assert.ok(back === text, `nested argument ${what}`)
  const key = await context.call<object>('identity', [{ [text]: 1 }])
  assert.ok(Object.hasOwn(key, text), `property name ${what}`)
}

test('every character survives, both ways and alone', () =>
  withContext(async (context) => {
    await context.eval('const identity = (x) => x')
    const codes = [
      ...Array.from({ length: 0x100 }, (_, i) => i),
      ...[0x7ff, 0x800, 0x2028, 0x2029, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff],
      ...[0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff],
    ]
    const texts = codes.map((code) => String.fromCharCode(code))
    assert.deepEqual(await context.call('identity', [texts]), texts)
    assert.deepEqual(await context.eval(JSON.stringify(texts)), texts)
  }))

test('control characters, marks and halves of pairs survive wherever they stand', () =>
  withContext(async (context) => {
    await context.eval('const identity = (x) => x')
    const marks = ['\u0000', '\u0000\u0001\n\r\u2028', '\ufeff', '\ud83d', '\ude00', '\u{1f600}']
    for (const mark of marks) {
      for (const length of [0, 10, 100, 5000]) {
        await survives(context, `${mark}${'x'.repeat(length)}`)
        await survives(context, `${'\u00e9'.repeat(length)}${mark}`)
      }
    }
  }))

test('strings of 1 MiB survive both ways', () =>
  withContext(async (context) => {
    await context.eval('const identity = (x) => x')
    await survives(context, 'x'.repeat(MIB))
    await survives(context, '\u20ac'.repeat(MIB / 2))
    // In memory each is two bytes long.
    await survives(context, `${'x'.repeat(MIB / 2 - 1)}\ud800`)
  }))

const strictService = serviceForAll({ maxSourceSize: 1000 })

test('a source over maxSourceSize is refused before it is sent', async () => {
  const service = await strictService()
  const context = await service.createContext()
  const source = (size: number) => `1${' '.repeat(size - 1)}`
  assert.equal(await context.eval(source(1000)), 1)
  await rejectsWith(context.eval(source(1001)), VmSizeError, { size: 1001, limit: 1000 })
  assert.equal(service.stats().inFlight, 0)
  // Sizes are in bytes: 500 euro signs are 1500 of them.
  await rejectsWith(context.eval(`'${'\u20ac'.repeat(500)}'`), VmSizeError, {
    size: 1502,
    limit: 1000,
  })
  await rejectsWith(context.call('f', ['x'.repeat(1001)]), VmSizeError, { limit: 1000 })
  await rejectsWith(context.call('f', [new Uint8Array(1001)]), VmSizeError, { limit: 1000 })
})

test('a result over maxSourceSize is refused, and the context lives on', async () => {
  const service = await strictService()
  const context = await service.createContext()
  await rejectsWith(context.eval(`'x'.repeat(1001)`), VmSizeError, { limit: 1000 })
  await rejectsWith(context.eval('new Uint8Array(1001)'), VmSizeError, { limit: 1000 })
  await rejectsWith(context.eval(`Promise.resolve('x'.repeat(1001))`), VmSizeError)
  // What was thrown is told in any case, a long message by its beginning.
  await rejectsWith(context.eval(`throw new Error('x'.repeat(1e6))`), VmScriptError, {
    message: /^Error: x{1000,2000}… \(1000000 characters\)$/,
  })
  assert.equal(await context.eval(`'x'.repeat(900).length`), 900)
})
