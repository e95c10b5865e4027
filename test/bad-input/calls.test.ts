import assert from 'node:assert/strict'
import test from 'node:test'
import { type CallOptions, type CloseOptions, type EvalOptions, VmOptionError } from 'vmring'
import { each, notBudget, notDelay, notName, notOptions } from '../support/bad-values.js'
import { rejectsWith, throwsWith } from '../support/rejects.js'
import { withAnyService, withContext, withService } from '../support/service.js'

const message = /: expected .+, got .+/
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
  withService({}, async (service) => {
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
