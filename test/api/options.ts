import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CallOptions,
  type CloseOptions,
  type CreateContextOptions,
  type EnsureContextOptions,
  type EvalOptions,
  VmOptionError,
  VmService,
  type VmServiceOptions,
} from 'vmring'
import {
  type BadValues,
  each,
  notBudget,
  notCount,
  notDelay,
  notInit,
  notName,
  notOptions,
} from '../support/bad-values.js'
import { childPids } from '../support/children.js'
import { rejectsWith, throwsWith } from '../support/rejects.js'
import { withAnyService, withContext } from '../support/service.js'

/** As a caller without types would. */
const start = (options: unknown) => VmService.start(options as VmServiceOptions)

const message = /^options\S*: expected .+, got .+/

test('every option of a service refuses what it is not for, and names it', async () => {
  const before = childPids()
  const bad = {
    processes: [0, 1025, ...notCount],
    spares: [1025, ...notCount],
    init: notInit,
    timeout: notBudget,
    queueTimeout: notDelay,
    killGrace: notCount,
    startTimeout: [0, 2 ** 31, ...notCount],
    maxSourceSize: [0, 2 ** 40, ...notCount],
    maxQueue: [2 ** 31, ...notCount],
    maxContexts: [0, ...notCount],
    contextIdleTimeout: notBudget,
    features: [1, 'all', [], null, { webAssembly: 1 }, { wasm: true }],
    sandbox: ['docker', true, null, ''],
    user: [1, 'nobody', {}, { uid: 1 }, { uid: -1, gid: 0 }, { uid: 1, gid: 1, name: 'a' }],
    logger: [{}, 'silent', null, console.log],
    execPath: notName,
    execArgv: ['--flag', [1], {}, null],
  }
  for (const [name, options] of each(bad)) {
    const error = await rejectsWith(start(options), VmOptionError, { message })
    assert.ok(error.option.startsWith(`options.${name}`), error.option)
  }
  assert.deepEqual(childPids(), before)
})

test('an option that does not exist is refused, with the ones that do', async () => {
  for (const options of [{ proceses: 4 }, { timeOut: 5 }, { toString: 1 }, { constructor: 1 }]) {
    await rejectsWith(start(options), VmOptionError, {
      option: `options.${Object.keys(options)}`,
      message: /processes, spares, init/,
    })
  }
  const proto = JSON.parse('{ "__proto__": { "processes": 1 } }')
  await rejectsWith(start(proto), VmOptionError, { option: 'options.__proto__' })
})

test('options that are no object are refused', async () => {
  for (const options of notOptions) {
    await rejectsWith(start(options), VmOptionError, { option: 'options', message })
  }
})

test('the report of a bad start-up source tells which one it is', async () => {
  const good = { source: '1' }
  for (const [bad, option] of [
    [{ source: 5 }, 'options.init[2].source'],
    [{ source: '', name: 'a' }, 'options.init[2].name'],
    [{ file: 5 }, 'options.init[2].file'],
    ['1', 'options.init[2]'],
  ] as const) {
    await rejectsWith(start({ init: [good, good, bad] }), VmOptionError, { option })
  }
})

test('a start-up source larger than any source may be is refused before anything starts', async () => {
  const before = childPids()
  const init = [{ source: `'${'x'.repeat(300)}'` }]
  await rejectsWith(start({ init, maxSourceSize: 256 }), VmOptionError, {
    option: 'options.init[0]',
  })
  assert.deepEqual(childPids(), before)
})

test('an undefined option is one that was not given', async () => {
  const options = { processes: 1, spares: 0, sandbox: 'none', timeout: undefined, init: undefined }
  await using service = await start(options)
  assert.equal(service.stats().slots.length, 1)
})

const shared: BadValues = {
  owner: [1, 'owner', null, Symbol('owner')],
  idleTimeout: notBudget,
  init: notInit,
  timeout: notBudget,
}

test('every option of createContext refuses what it is not for, and names it', () =>
  withAnyService(async (service) => {
    const { contexts } = service.stats()
    const create = (options: unknown) => service.createContext(options as CreateContextOptions)
    for (const [name, options] of each({ ...shared, key: notName, id: notName, proces: [1] })) {
      const error = await rejectsWith(create(options), VmOptionError, { message })
      assert.ok(error.option.startsWith(`options.${name}`), error.option)
    }
    for (const options of notOptions) {
      await rejectsWith(create(options), VmOptionError, { option: 'options', message })
    }
    await rejectsWith(create({ id: 'a', key: 'a' }), VmOptionError, { option: 'options.key' })
    assert.equal(service.stats().contexts, contexts)
  }))

test('every option of ensureContext refuses what it is not for, and names it', () =>
  withAnyService(async (service) => {
    const { contexts } = service.stats()
    const ensure = (options: unknown) => service.ensureContext(options as EnsureContextOptions)
    for (const [name, options] of each({ ...shared, key: ['a'], proces: [1] })) {
      const given = { id: 'tenant', ...options }
      const error = await rejectsWith(ensure(given), VmOptionError, { message })
      assert.ok(error.option.startsWith(`options.${name}`), error.option)
    }
    for (const id of [undefined, ...notName]) {
      await rejectsWith(ensure({ id }), VmOptionError, { option: 'options.id', message })
    }
    for (const options of [undefined, ...notOptions]) {
      await rejectsWith(ensure(options), VmOptionError, { message })
    }
    assert.equal(service.stats().contexts, contexts)
  }))

test('a bad option is refused for a context that is there already, too', () =>
  withAnyService(async (service) => {
    await using _tenant = await service.ensureContext({ id: 'tenant' })
    await rejectsWith(service.ensureContext({ id: 'tenant', timeout: 0 }), VmOptionError, {
      option: 'options.timeout',
    })
  }))

const signal = [{}, 1, null, 'abort', new EventTarget(), new AbortController()]
const callOptions = { timeout: notBudget, signal }

test('every option of eval refuses what it is not for, and names it', () =>
  withContext(async (context, service) => {
    const bad = { ...callOptions, filename: notName, discardResult: [1, 'yes', null], timeOut: [1] }
    for (const [name, given] of each(bad)) {
      const options = given as EvalOptions
      const fields = { option: `options.${name}`, message }
      await rejectsWith(context.eval('1', options), VmOptionError, fields)
      await rejectsWith(service.eval(context.id, '1', options), VmOptionError, fields)
    }
    for (const options of notOptions) {
      const given = options as EvalOptions
      await rejectsWith(context.eval('1', given), VmOptionError, { option: 'options', message })
    }
  }))

test('every option of call refuses what it is not for, and names it', () =>
  withContext(async (context, service) => {
    const bad = { ...callOptions, filename: ['a.js'], discardResult: [true] }
    for (const [name, given] of each(bad)) {
      const options = given as CallOptions
      const fields = { option: `options.${name}`, message }
      await rejectsWith(context.call('f', [], options), VmOptionError, fields)
      await rejectsWith(service.call(context.id, 'f', [], options), VmOptionError, fields)
    }
    for (const options of notOptions) {
      const given = options as CallOptions
      await rejectsWith(context.call('f', [], given), VmOptionError, { option: 'options', message })
    }
  }))

test('every option of close refuses what it is not for, and the service stays open', () =>
  withAnyService(async (service) => {
    for (const [name, given] of each({ force: [1, 'yes', null], timeout: notDelay, now: [true] })) {
      const fields = { option: `options.${name}`, message }
      await rejectsWith(service.close(given as CloseOptions), VmOptionError, fields)
    }
    for (const options of notOptions) {
      await rejectsWith(service.close(options as CloseOptions), VmOptionError, {
        option: 'options',
      })
    }
    assert.equal(service.stats().state, 'open')
  }))

test('an ID that is not a string is refused', () =>
  withAnyService(async (service) => {
    for (const value of [undefined, null, 5, {}, ['a'], Symbol('a')]) {
      const id = value as string
      const fields = { option: 'id', message: /^id: expected a string, got / }
      await rejectsWith(service.eval(id, '1'), VmOptionError, fields)
      await rejectsWith(service.call(id, 'f'), VmOptionError, fields)
      await rejectsWith(service.resetContext(id), VmOptionError, fields)
      await rejectsWith(service.destroyContext(id), VmOptionError, fields)
      throwsWith(() => service.context(id), VmOptionError, fields)
    }
  }))

test('a source that is not a string is refused', () =>
  withContext(async (context) => {
    for (const value of [undefined, null, 5, {}, ['1'], () => 1, Buffer.from('1')]) {
      const source = value as string
      const fields = { option: 'source', message: /^source: expected a string, got / }
      await rejectsWith(context.eval(source), VmOptionError, fields)
    }
  }))

test('a path that is none is refused, and so is every spelling of __proto__', () =>
  withContext(async (context) => {
    const spellings = ['__proto__', 'a.__proto__', "a['__proto__']", 'a["\\__proto__"]']
    for (const value of ['', '.', 'a..b', 'a()', undefined, null, 5, ['f'], ...spellings]) {
      const fields = { option: 'path', message: /^path: expected a name or a path.*, got / }
      await rejectsWith(context.call(value as string), VmOptionError, fields)
    }
  }))

test('arguments that are no array are refused', () =>
  withContext(async (context) => {
    for (const value of [null, 5, 'ab', {}, { length: 1 }, new Set([1]), new Uint8Array(1)]) {
      const args = value as unknown[]
      const fields = { option: 'args', message: /^args: expected an array, got / }
      await rejectsWith(context.call('f', args), VmOptionError, fields)
    }
  }))

test('a long value is cut short in the report of it', () =>
  withContext(async (context) => {
    const error = await rejectsWith(context.call('?'.repeat(100_000)), VmOptionError)
    assert.ok(error.message.length < 300)
  }))

test('a signal that has aborted gives the call up before it is sent', () =>
  withContext(async (context) => {
    const reason = new Error('changed my mind')
    const options = { signal: AbortSignal.abort(reason) }
    await assert.rejects(context.eval('var sent = 1', options), (error) => error === reason)
    await assert.rejects(context.call('f', [], options), (error) => error === reason)
    assert.equal(await context.eval('typeof sent'), 'undefined')
  }))
