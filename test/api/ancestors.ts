import assert from 'node:assert/strict'
import test from 'node:test'
import { VmInvalidContextError, VmScriptError, type VmService } from 'vmring'
import { rejectsWith } from '../support/rejects.js'
import { twoProcesses, withAnyService, withContext } from '../support/service.js'

/** What the Erlang programs that came before could do, this one can. */

test('a script evaluates to its completion value', () =>
  withContext(async (context) => {
    assert.equal(await context.eval('1 + 1'), 2)
    assert.equal(await context.eval('var a = 3; a + 2;'), 5)
    assert.equal(await context.eval('a'), 3)
    assert.equal(await context.eval(''), undefined)
  }))

test('a function is called with arguments of its own types', () =>
  withContext(async (context) => {
    assert.equal(await context.eval('function sum(a, b) { return a + b }'), undefined)
    assert.equal(await context.call('sum', [1, 1]), 2)
    assert.equal(await context.call('sum', ['a', 'b']), 'ab')
    assert.deepEqual(await context.call('sum', [[1], [2]]), '12')
    assert.ok(Number.isNaN(await context.call('sum')))
  }))

test('a result may be nested', () =>
  withContext(async (context) => {
    const expected = { a: [1, { b: 'two', c: [[], {}, null] }], d: { e: { f: true } } }
    assert.deepEqual(await context.eval(`(${JSON.stringify(expected)})`), expected)
  }))

test('a function that is not there is a ReferenceError', () =>
  withContext(async (context) => {
    await rejectsWith(context.call('sum', [1, 1]), VmScriptError, {
      scriptName: 'ReferenceError',
      message: 'ReferenceError: sum is not defined',
    })
  }))

test('a thrown string is reported as what it is', () =>
  withContext(async (context) => {
    const error = await rejectsWith(context.eval("throw 'out of paper'"), VmScriptError, {
      thrown: 'out of paper',
      message: 'out of paper',
    })
    assert.equal(error.scriptName, undefined)
    assert.equal(error.scriptStack, undefined)
  }))

test('a reset context has forgotten what scripts made', () =>
  withContext(async (context) => {
    await context.eval('var a = 1; globalThis.b = 2; const c = 3; Array.prototype.d = 4')
    await context.reset()
    assert.deepEqual(await context.eval('[typeof a, typeof b, typeof c, typeof [].d]'), [
      'undefined',
      'undefined',
      'undefined',
      'undefined',
    ])
  }))

test('a context destroyed twice is reported as invalid, with its reason', () =>
  withAnyService(async (service) => {
    const { id } = await service.createContext()
    await service.destroyContext(id)
    const fields = { contextId: id, reason: 'destroyed' } as const
    await rejectsWith(service.destroyContext(id), VmInvalidContextError, fields)
    await rejectsWith(service.eval(id, '1'), VmInvalidContextError, fields)
    await rejectsWith(service.call(id, 'f'), VmInvalidContextError, fields)
    await rejectsWith(service.resetContext(id), VmInvalidContextError, fields)
  }))

test('a context that never was is invalid for an unknown reason', () =>
  withAnyService(async (service) => {
    const fields = { contextId: 'nobody', reason: 'unknown' } as const
    await rejectsWith(service.eval('nobody', '1'), VmInvalidContextError, fields)
    await rejectsWith(service.destroyContext('nobody'), VmInvalidContextError, fields)
  }))

test('contexts are apart from one another, in one process and across processes', async () => {
  const apart = (processes: number) => async (service: VmService) => {
    const contexts = await Promise.all(Array.from({ length: 6 }, () => service.createContext()))
    await Promise.all(
      contexts.map((context, i) =>
        context.eval(`var mine = ${i}; Object.prototype.shared = ${i}; const own = ${i}`),
      ),
    )
    const seen = await Promise.all(
      contexts.map((context) => context.eval('[mine, ({}).shared, own]')),
    )
    assert.deepEqual(
      seen,
      contexts.map((_, i) => [i, i, i]),
    )
    const pids = service.stats().slots.map(({ pid }) => pid)
    assert.equal(new Set(pids).size, processes)
  }
  await withAnyService(apart(1))
  await apart(2)(await twoProcesses())
})

test('a thousand calls in order get a thousand answers in order', () =>
  withContext(async (context) => {
    await context.eval('var count = 0; function next(i) { return [i, count++] }')
    const answered: number[] = []
    const calls = Array.from({ length: 1000 }, async (_, i) => {
      const answer = await context.call('next', [i])
      answered.push(i)
      return answer
    })
    const inOrder = Array.from({ length: 1000 }, (_, i) => i)
    assert.deepEqual(
      await Promise.all(calls),
      inOrder.map((i) => [i, i]),
    )
    assert.deepEqual(answered, inOrder)
  }))
