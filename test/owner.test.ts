import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { VmInvalidContextError, type VmService } from 'vmring'
import { eventOf } from './support/events.js'
import { rejectsWith } from './support/rejects.js'
import { withAnyService } from './support/service.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a context is collected when the signal that owns it aborts', () =>
  withAnyService(async (service) => {
    const owner = new AbortController()
    const { id } = await service.createContext({ owner: owner.signal })
    assert.equal(await service.eval(id, '1'), 1)
    const collected = eventOf(service, 'contextCollected')
    owner.abort()
    await rejectsWith(service.eval(id, '1'), VmInvalidContextError, {
      contextId: id,
      reason: 'owner-gone',
    })
    assert.deepEqual(await collected, { id, reason: 'owner-gone' })
    assert.equal(service.stats().contexts, 0)
  }))

test('a context is collected when the object that owns it is garbage', () =>
  withAnyService(async (service) => {
    const id = await createOwned(service)
    await collectsGarbageUntilGone(service, id)
    await rejectsWith(service.call(id, 'f'), VmInvalidContextError, { reason: 'owner-gone' })
  }))

/** In a function of its own, so that no variable of the test keeps the owner. */
async function createOwned(service: VmService): Promise<string> {
  const context = await service.createContext({ owner: { name: 'request' } })
  return context.id
}

/** The engine promises no moment for it: a few rounds do, in practice the first. */
async function collectsGarbageUntilGone(service: VmService, id: string): Promise<void> {
  const reasons = new Map<string, string>()
  service.on('contextCollected', (event) => reasons.set(event.id, event.reason))
  for (let round = 0; round < 50 && !reasons.has(id); round++) {
    collectGarbage()
    await turn()
  }
  assert.equal(reasons.get(id), 'owner-gone')
}

test('a context lives as long as the object that owns it', () =>
  withAnyService(async (service) => {
    const owner = { name: 'request' }
    await using kept = await service.createContext({ owner })
    const dropped = await createOwned(service)
    await collectsGarbageUntilGone(service, dropped)
    assert.equal(await kept.eval('1'), 1)
    assert.equal(owner.name, 'request')
  }))

test('a signal that aborted before its context was there leaves none', () =>
  withAnyService(async (service) => {
    const owner = AbortSignal.abort()
    await rejectsWith(service.createContext({ id: 'late', owner }), VmInvalidContextError, {
      reason: 'owner-gone',
    })
    assert.equal(service.stats().contexts, 0)
  }))

test('a signal that aborts while its context is being created leaves none', () =>
  withAnyService(async (service) => {
    const owner = new AbortController()
    const creation = service.createContext({ owner: owner.signal })
    owner.abort()
    await rejectsWith(creation, VmInvalidContextError, { reason: 'owner-gone' })
    assert.equal(service.stats().contexts, 0)
  }))

test('a call in flight ends when the owner of its context does', () =>
  withAnyService(async (service) => {
    const owner = new AbortController()
    const context = await service.createContext({ owner: owner.signal })
    const call = context.eval('new Promise(() => {})')
    // The answer to a later call: the first one is under way by then.
    await context.eval('1')
    owner.abort()
    await rejectsWith(call, VmInvalidContextError, { reason: 'owner-gone' })
  }))

test('an idle context is collected', () =>
  withAnyService(async (service) => {
    const { id } = await service.createContext({ idleTimeout: 20 })
    assert.deepEqual(await eventOf(service, 'contextCollected'), { id, reason: 'idle' })
    await rejectsWith(service.eval(id, '1'), VmInvalidContextError, { reason: 'idle' })
  }))
