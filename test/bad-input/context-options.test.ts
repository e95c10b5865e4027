import assert from 'node:assert/strict'
import test from 'node:test'
import { type CreateContextOptions, type EnsureContextOptions, VmOptionError } from 'vmring'
import {
  type BadValues,
  each,
  notBudget,
  notInit,
  notName,
  notOptions,
} from '../support/bad-values.js'
import { rejectsWith } from '../support/rejects.js'
import { withAnyService } from '../support/service.js'

const message = /^options\S*: expected .+, got .+/
const shared: BadValues = {
  owner: [1, 'owner', null, Symbol('owner')],
  idleTimeout: notBudget,
  init: notInit,
  timeout: notBudget,
}

test('every option of createContext refuses what it is not for, and names it', () =>
  withAnyService(async (service) => {
    const create = (options: unknown) => service.createContext(options as CreateContextOptions)
    for (const [name, options] of each({ ...shared, key: notName, id: notName, proces: [1] })) {
      const error = await rejectsWith(create(options), VmOptionError, { message })
      assert.ok(error.option.startsWith(`options.${name}`), error.option)
    }
    for (const options of notOptions) {
      await rejectsWith(create(options), VmOptionError, { option: 'options', message })
    }
    await rejectsWith(create({ id: 'a', key: 'a' }), VmOptionError, { option: 'options.key' })
    assert.equal(service.stats().contexts, 0)
  }))

test('every option of ensureContext refuses what it is not for, and names it', () =>
  withAnyService(async (service) => {
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
    assert.equal(service.stats().contexts, 0)
  }))

test('a bad option is refused for a context that is there already, too', () =>
  withAnyService(async (service) => {
    await using _tenant = await service.ensureContext({ id: 'tenant' })
    await rejectsWith(service.ensureContext({ id: 'tenant', timeout: 0 }), VmOptionError, {
      option: 'options.timeout',
    })
  }))
