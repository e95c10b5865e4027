import assert from 'node:assert/strict'
import test from 'node:test'
import { VmContext, VmContextExistsError, VmInvalidContextError, VmOverloadedError } from 'vmring'
import { rejectsWith, throwsWith } from './support/rejects.js'
import { withAnyService, withService } from './support/service.js'

test('the same by ID as by handle', () =>
  withAnyService(async (service) => {
    const { id } = await service.createContext()
    await service.eval(id, 'function sum(a, b) { return a + b }')
    assert.equal(await service.call(id, 'sum', [1, 1]), 2)
    const handle = service.context(id)
    assert.ok(handle instanceof VmContext)
    assert.equal(handle.id, id)
    assert.equal(await handle.call('sum', [2, 2]), 4)
    await service.resetContext(id)
    assert.equal(await handle.eval('typeof sum'), 'undefined')
    await handle.destroy()
    throwsWith(() => service.context(id), VmInvalidContextError, { reason: 'destroyed' })
  }))

test('an ID that is alive can not be created again', () =>
  withAnyService(async (service) => {
    const creation = service.createContext({ id: 'alive' })
    // One that is still being created is as good as alive.
    await rejectsWith(service.createContext({ id: 'alive' }), VmContextExistsError, {
      contextId: 'alive',
    })
    const context = await creation
    await rejectsWith(service.createContext({ id: 'alive' }), VmContextExistsError)
    assert.equal(context.id, 'alive')
    await context.destroy()
    await service.createContext({ id: 'alive' })
  }))

test('concurrent callers of ensureContext share one creation', () =>
  withService({ init: [{ source: 'var born = Math.random()' }] }, async (service) => {
    const handles = await Promise.all(
      Array.from({ length: 20 }, () => service.ensureContext({ id: 'tenant' })),
    )
    const births = await Promise.all(handles.map((handle) => handle.eval('born')))
    assert.equal(new Set(births).size, 1)
    assert.equal(service.stats().contexts, 1)
    const later = await service.ensureContext({ id: 'tenant' })
    assert.equal(await later.eval('born'), births[0])
  }))

test('ensureContext makes a new one when the old one is gone', () =>
  withAnyService(async (service) => {
    const first = await service.ensureContext({ id: 'ensured' })
    await first.eval('var mark = 1')
    await first.destroy()
    const second = await service.ensureContext({ id: 'ensured' })
    assert.equal(await second.eval('typeof mark'), 'undefined')
    // The old handle belongs to the context that is gone, not to the new one.
    await rejectsWith(first.eval('1'), VmInvalidContextError, { reason: 'destroyed' })
  }))

test('callers who shared a creation that failed share its error, and the next one tries again', () =>
  withAnyService(async (service) => {
    const init = [{ source: 'throw new Error("no")' }]
    const calls = Array.from({ length: 3 }, () => service.ensureContext({ id: 'shared', init }))
    const outcomes = await Promise.allSettled(calls)
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected')
      assert.equal((outcome.reason as Error).message, 'Error: no')
    }
    const context = await service.ensureContext({ id: 'shared' })
    assert.equal(await context.eval('1'), 1)
  }))

test('the signal of a context aborts, with the error as its reason, when it is gone', () =>
  withAnyService(async (service) => {
    const context = await service.createContext()
    const { signal } = context
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    assert.equal(signal.aborted, false)
    await context.destroy()
    await aborted
    await rejectsWith(Promise.reject(signal.reason), VmInvalidContextError, {
      contextId: context.id,
      reason: 'destroyed',
    })
    // One that nobody asked for before is aborted just the same.
    const other = await service.createContext()
    await other.destroy()
    assert.equal(other.signal.aborted, true)
  }))

test('a context is disposed of once, and disposing of one that is gone is no error', () =>
  withAnyService(async (service) => {
    let id: string
    {
      await using context = await service.createContext()
      id = context.id
      assert.equal(await context.eval('1'), 1)
    }
    await rejectsWith(service.eval(id, '1'), VmInvalidContextError, { reason: 'destroyed' })
    const gone = await service.createContext()
    await gone.destroy()
    await gone[Symbol.asyncDispose]()
  }))

test('a service takes no more contexts than it may', () =>
  withService({ maxContexts: 2 }, async (service) => {
    const first = await service.createContext()
    await service.createContext()
    await rejectsWith(service.createContext(), VmOverloadedError, { of: 'contexts', limit: 2 })
    await first.destroy()
    await service.createContext()
  }))

test('equal keys share a slot, and every ID is new', () =>
  withService({ processes: 2 }, async (service) => {
    const contexts = await Promise.all(
      Array.from({ length: 12 }, () => service.createContext({ key: 'tenant-42' })),
    )
    assert.equal(new Set(contexts.map(({ slot }) => slot)).size, 1)
    assert.equal(new Set(contexts.map(({ id }) => id)).size, 12)
    const own = await service.createContext({ id: 'tenant-42' })
    assert.equal(own.slot, contexts[0]?.slot)
  }))
