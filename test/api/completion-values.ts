import assert from 'node:assert/strict'
import test from 'node:test'
import { VmScriptError, VmTimeoutError } from 'vmring'
import { rejectsWith } from '../support/rejects.js'
import { withContext } from '../support/service.js'

test('a function or a symbol comes back as undefined', () =>
  withContext(async (context) => {
    for (const source of ['(() => 1)', '(class {})', 'Symbol()', 'Symbol.iterator', 'eval']) {
      assert.equal(await context.eval(source), undefined, source)
      assert.equal(await context.eval(`Promise.resolve(${source})`), undefined, source)
    }
    await context.eval('function getFunction() { return getFunction }')
    assert.equal(await context.call('getFunction'), undefined)
  }))

test('inside an object functions and symbols are left out, as JSON does', () =>
  withContext(async (context) => {
    assert.deepEqual(await context.eval('({ a: 1, f() {}, s: Symbol(), [Symbol()]: 2 })'), { a: 1 })
    assert.deepEqual(await context.eval('[1, () => {}, Symbol()]'), [1, null, null])
    assert.deepEqual(await context.eval('({ a: { f() {} } })'), { a: {} })
    assert.deepEqual(await context.eval('({ ["__proto__"]: () => {}, a: 1 })'), { a: 1 })
  }))

test('a class instance comes back as a plain object of its own properties', () =>
  withContext(async (context) => {
    const source = `class Point {
      constructor() { this.x = 1; this.y = [2]; Object.defineProperty(this, 'h', { value: 3 }) }
      get size() { return 4 }
      toJSON() { return 'not asked' }
    }
    new Point()`
    const result = await context.eval(source)
    assert.deepEqual(result, { x: 1, y: [2] })
    assert.equal(Object.getPrototypeOf(result), Object.prototype)
    assert.deepEqual(await context.eval('Object.assign(Object.create(null), { a: 1 })'), { a: 1 })
  }))

test('a promise is awaited', () =>
  withContext(async (context) => {
    assert.equal(await context.eval('Promise.resolve(1)'), 1)
    assert.deepEqual(await context.eval('(async () => { await null; return { a: 1 } })()'), {
      a: 1,
    })
    await context.eval('async function slow(x) { for (let i = 0; i < 99; i++) await i; return x }')
    assert.equal(await context.call('slow', ['done']), 'done')
    await rejectsWith(context.eval('Promise.reject(new TypeError("no"))'), VmScriptError, {
      message: 'TypeError: no',
    })
    await rejectsWith(context.eval('Promise.reject(5)'), VmScriptError, { thrown: 5 })
    await rejectsWith(context.eval('Promise.reject()'), VmScriptError)
  }))

test('a promise that another call settles is awaited', () =>
  withContext(async (context) => {
    await context.eval('var release; const gate = new Promise((resolve) => { release = resolve })')
    const waiting = [context.eval('gate'), context.eval('gate.then((x) => x + 1)')]
    await context.call('release', [1])
    assert.deepEqual(await Promise.all(waiting), [1, 2])
  }))

test('a promise that nobody settles runs out of its budget, and the context lives on', () =>
  withContext(async (context) => {
    await context.eval('var mark = 1')
    await rejectsWith(context.eval('new Promise(() => {})', { timeout: 200 }), VmTimeoutError, {
      timeout: 200,
      phase: 'run',
      contextSurvived: true,
    })
    assert.equal(await context.eval('mark'), 1)
  }))

test('a thenable is awaited, whatever it does', () =>
  withContext(async (context) => {
    assert.equal(await context.eval('({ then(resolve) { resolve(1) } })'), 1)
    assert.equal(await context.eval('({ then(ok) { ok({ then(ok2) { ok2(2) } }) } })'), 2)
    assert.equal(await context.eval('({ then(ok, no) { ok(3); ok(4); no(5) } })'), 3)
    await rejectsWith(context.eval('({ then(ok, no) { no("no") } })'), VmScriptError, {
      thrown: 'no',
    })
    await rejectsWith(context.eval('({ then() { throw new RangeError("x") } })'), VmScriptError, {
      scriptName: 'RangeError',
    })
    await rejectsWith(
      context.eval('({ get then() { throw new RangeError("x") } })'),
      VmScriptError,
      { scriptName: 'RangeError' },
    )
    assert.deepEqual(await context.eval('({ then: 1 })'), JSON.parse('{"then":1}'))
  }))

test('a script that replaces the intrinsics it is judged by changes nothing for the service', () =>
  withContext(async (context) => {
    await context.eval(`
      Promise = undefined
      Object.prototype.toString = () => '[object Error]'
      Array.prototype.join = Array.prototype.push = () => { throw 1 }
    `)
    assert.deepEqual(await context.eval('(async () => [{ a: 1 }])()'), [{ a: 1 }])
    assert.equal(await context.call('Math.max', [1, 2]), 2)
    await rejectsWith(context.eval('nowhere'), VmScriptError, { scriptName: 'ReferenceError' })
  }))

test('a script that takes away what encoding needs harms nobody but itself', () =>
  withContext(async (context, service) => {
    const neighbour = await service.createContext()
    await neighbour.eval('var mark = 1')
    await context.eval('Object.keys = Object.getPrototypeOf = Reflect.apply = () => { throw 1 }')
    await rejectsWith(context.eval('(async () => [{ a: 1 }])()'), VmScriptError)
    await rejectsWith(context.eval('[{ a: 1 }]'), VmScriptError)
    await rejectsWith(context.call('Math.max', [{}]), VmScriptError)
    assert.equal(await context.eval('1 + 1'), 2)
    assert.equal(await neighbour.eval('mark'), 1)
  }))

test('discardResult leaves the value where it is, but not an error', () =>
  withContext(async (context) => {
    const discardResult = true
    assert.equal(await context.eval('1', { discardResult }), undefined)
    assert.equal(
      await context.eval('({ a: [new DataView(new ArrayBuffer(1))] })', { discardResult }),
      undefined,
    )
    assert.equal(await context.eval('Promise.resolve(1)', { discardResult }), undefined)
    await rejectsWith(context.eval('throw 1', { discardResult }), VmScriptError)
    await rejectsWith(context.eval('Promise.reject(1)', { discardResult }), VmScriptError)
    assert.equal(await context.eval('1', { discardResult: false }), 1)
  }))

test('import() is rejected with an error of the script, and names what was asked for', () =>
  withContext(async (context) => {
    await rejectsWith(context.eval("import('node:fs')"), VmScriptError, { message: /node:fs/ })
    const caught = `import('node:fs').then(() => 'loaded', (error) => error instanceof TypeError)`
    assert.equal(await context.eval(caught), true)
  }))

test('a source is not taken for another that was evaluated before', () =>
  withContext(async (context) => {
    assert.equal(await context.eval(' 6*7', { filename: 'vm:eval\0//' }), 42)
    assert.equal(await context.eval('//\0 6*7'), undefined)
  }))
