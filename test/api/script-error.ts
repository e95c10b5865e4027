import assert from 'node:assert/strict'
import test from 'node:test'
import { VmError, VmScriptError } from 'vmring'
import { rejectsWith } from '../support/rejects.js'
import { withContext } from '../support/service.js'

/** What stacks must not tell: where the host's files are, and what runs there. */
const HOST = /file:\/\/\/|node:|vmring:|\/src\/|\/dist\//

test('an error keeps its name, message, own properties and cause', () =>
  withContext(async (context) => {
    const source = `
      const error = new RangeError('too far', { cause: { by: 3n } })
      error.status = 416
      error.at = [new Date(0)]
      error.secret = () => {}
      throw error`
    const error = await rejectsWith(context.eval(source), VmScriptError, {
      scriptName: 'RangeError',
      message: 'RangeError: too far',
      cause: { by: 3n },
    })
    assert.deepEqual(error.properties, { status: 416, at: [new Date(0)] })
    assert.equal(error.thrown, undefined)
    assert.ok(error instanceof VmError)
    assert.ok(error instanceof Error)
  }))

test('a cause may be an error, and have one', () =>
  withContext(async (context) => {
    const source = `throw new Error('a', { cause: new TypeError('b', { cause: 'c' }) })`
    const { cause } = await rejectsWith(context.eval(source), VmScriptError)
    assert.ok(cause instanceof TypeError)
    assert.equal(cause.message, 'b')
    assert.equal(cause.cause, 'c')
    assert.doesNotMatch(cause.stack ?? '', HOST)
    const plain = await rejectsWith(context.eval(`throw new Error('a')`), VmScriptError)
    assert.equal(Object.hasOwn(plain, 'cause'), false)
  }))

test('an error of a class of its own keeps the name of that class', () =>
  withContext(async (context) => {
    await context.eval(`class PaymentError extends Error {
      constructor(m) { super(m); this.name = 'PaymentError'; this.code = 402 }
    }`)
    const error = await rejectsWith(context.eval(`throw new PaymentError('no')`), VmScriptError, {
      scriptName: 'PaymentError',
      message: 'PaymentError: no',
    })
    assert.deepEqual(error.properties, { code: 402 })
  }))

test('a stack shows the script with its file name and lines, and nothing of the host', () =>
  withContext(async (context) => {
    const source = `function inner() { null.x }\nfunction outer() {\n  inner()\n}\nouter()`
    const stacks = [
      await rejectsWith(context.eval(source, { filename: 'job.js' }), VmScriptError),
      await rejectsWith(context.call('outer'), VmScriptError),
      await rejectsWith(context.eval('(async () => { await 1; outer() })()'), VmScriptError),
    ].map((error) => error.scriptStack ?? '')
    for (const stack of stacks) {
      assert.match(stack, /^TypeError: /)
      assert.match(stack, /at inner \(job\.js:1:\d+\)\n {4}at outer \(job\.js:3:3\)/)
      assert.doesNotMatch(stack, HOST)
    }
    const unnamed = await rejectsWith(context.eval('null.x'), VmScriptError)
    assert.match(unnamed.scriptStack ?? '', /vm:eval:1/)
    assert.doesNotMatch(unnamed.scriptStack ?? '', HOST)
  }))

test('a syntax error tells where it is, and nothing of the host', () =>
  withContext(async (context) => {
    const error = await rejectsWith(
      context.eval('1\n2 +* 3', { filename: 'a.js' }),
      VmScriptError,
      {
        scriptName: 'SyntaxError',
        message: /^SyntaxError: /,
      },
    )
    assert.match(error.scriptStack ?? '', /a\.js:2/)
    assert.doesNotMatch(error.scriptStack ?? '', HOST)
    const inner = await rejectsWith(context.eval(`new Function('+')`), VmScriptError, {
      scriptName: 'SyntaxError',
    })
    assert.doesNotMatch(inner.scriptStack ?? '', HOST)
  }))

test('a stack that overflows is a RangeError with nothing of the host', () =>
  withContext(async (context) => {
    await context.eval('function down() { return down() + 1 }')
    const error = await rejectsWith(context.call('down'), VmScriptError, {
      scriptName: 'RangeError',
    })
    assert.doesNotMatch(error.scriptStack ?? '', HOST)
    assert.equal(await context.eval('1'), 1)
  }))

test("a stack that a script's prepareStackTrace asks for shows nothing of the host", () =>
  withContext(async (context) => {
    const source = `
      Error.prepareStackTrace = (error, sites) => sites.map((site) => [
        String(site.getFileName()), typeof site.getThis(), typeof site.getFunction()])
      const frames = new Error().stack
      frames`
    const frames = await context.eval<unknown>(source)
    assert.doesNotMatch(JSON.stringify(frames), /file:\/\/\//)
  }))

test('whatever is thrown arrives as what was thrown', () =>
  withContext(async (context) => {
    for (const [source, thrown] of [
      ['undefined', undefined],
      ['null', null],
      ['0', 0],
      ['-0', -0],
      ['10n ** 30n', 10n ** 30n],
      ['({ code: 7, list: [1] })', { code: 7, list: [1] }],
      ['new Map([[1, 2]])', new Map([[1, 2]])],
      ['Symbol("s")', undefined],
      ['(() => 1)', undefined],
    ] as const) {
      const error = await rejectsWith(context.eval(`throw ${source}`), VmScriptError)
      assert.deepEqual(error.thrown, thrown, source)
      assert.equal(error.scriptName, undefined, source)
      assert.notEqual(error.message, '', source)
    }
  }))

test('what in an error can not travel does not hide the error', () =>
  withContext(async (context) => {
    const source = `
      const error = new RangeError('still here')
      error.self = error
      error.view = new DataView(new ArrayBuffer(1))
      throw error`
    await rejectsWith(context.eval(source), VmScriptError, {
      message: 'RangeError: still here',
    })
    await rejectsWith(
      context.eval('throw Object.defineProperty(new Error(), "message", { get() { throw 1 } })'),
      VmScriptError,
      { scriptName: 'Error' },
    )
  }))

test('a proxy that refuses to be looked at is a thrown value like any other', () =>
  withContext(async (context) => {
    for (const trap of ['get', 'getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor']) {
      const source = `throw new Proxy(new Error('x'), { ${trap}() { throw 1 } })`
      await rejectsWith(context.eval(source), VmScriptError)
    }
    assert.equal(await context.eval('1'), 1)
  }))

test('a message that looks like a frame of the host is part of the stack all the same', () =>
  withContext(async (context) => {
    const source = `throw new Error('see (node:fs) there')`
    const error = await rejectsWith(context.eval(source), VmScriptError, {
      message: 'Error: see (node:fs) there',
    })
    assert.match(error.scriptStack ?? '', /^Error: see \(node:fs\) there\n {4}at vm:eval:1/)
  }))

test('names that mean something to an object are inert among the properties of an error', () =>
  withContext(async (context) => {
    const source = `
      const error = new Error('x')
      for (const name of ['__proto__', 'constructor', 'then', 'toString', 'code', 'thrown']) {
        Object.defineProperty(error, name, { value: { name }, enumerable: true })
      }
      throw error`
    const error = await rejectsWith(context.eval(source), VmScriptError, { code: 'ERR_VM_SCRIPT' })
    assert.equal(error.constructor, VmScriptError)
    assert.equal(error.thrown, undefined)
    const own = Object.keys(error.properties)
    assert.deepEqual(own, ['__proto__', 'constructor', 'then', 'toString', 'code', 'thrown'])
    assert.equal(Object.getPrototypeOf(error.properties), Object.prototype)
  }))
