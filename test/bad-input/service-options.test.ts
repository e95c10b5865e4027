import assert from 'node:assert/strict'
import test from 'node:test'
import { VmOptionError, VmService, type VmServiceOptions } from 'vmring'
import {
  each,
  notBudget,
  notCount,
  notDelay,
  notInit,
  notName,
  notOptions,
} from '../support/bad-values.js'
import { childPids } from '../support/children.js'
import { rejectsWith } from '../support/rejects.js'

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
    maxSourceSize: [0, 2 ** 40, ...notCount],
    maxQueue: [2 ** 31, ...notCount],
    maxContexts: [0, ...notCount],
    contextIdleTimeout: notBudget,
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
  const options = { processes: 1, spares: 0, timeout: undefined, init: undefined }
  await using service = await start(options)
  assert.equal(service.stats().slots.length, 1)
})
