import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type VmContext, VmInvalidContextError, type VmService } from 'vmring'
import { eventOf } from '../support/events.js'
import { BackDoor, newSupervisor } from '../support/internals.js'
import { rejection } from '../support/outcomes.js'
import { until } from '../support/processes.js'
import { rejectsWith } from '../support/rejects.js'
import { anyService, startService, withAnyService } from '../support/service.js'
import { pidOf, record } from '../support/slots.js'

const PROMISE = 'new Promise((resolve) => { release = resolve })'
const BUSY = 'for (const end = Date.now() + 30; Date.now() < end; );'

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

async function untilGone({ signal }: VmContext): Promise<void> {
  await until('the context is collected', () => signal.aborted)
}

test('a context that nobody uses is collected', async () => {
  const options = { processes: 1, spares: 0, contextIdleTimeout: 50 }
  await using service = await startService(options)
  const collected = record(service, 'contextCollected')
  const context = await service.createContext()
  const kept = await service.createContext({ idleTimeout: Number.POSITIVE_INFINITY })
  await untilGone(context)
  assert.deepEqual(collected, [{ id: context.id, reason: 'idle' }])
  for (const call of [context.eval('1'), service.eval(context.id, '1')]) {
    assert.equal((await rejection(call, VmInvalidContextError)).reason, 'idle')
  }
  assert.equal(await kept.eval('1'), 1)
  assert.equal(service.stats().contexts, 1)
})

test('a pending call is use, however long it takes', async () => {
  const service = await anyService()
  const context = await service.createContext({ idleTimeout: 50 })
  const waiting = context.eval(PROMISE)
  const other = await service.createContext({ idleTimeout: 150 })
  await untilGone(other)
  assert.equal(context.signal.aborted, false)
  await context.eval('release("released")')
  assert.equal(await waiting, 'released')
  await untilGone(context)
  assert.equal(context.signal.reason.reason, 'idle')
})

test('a context is collected when its owner aborts, and its calls are told', async () => {
  const service = await anyService()
  const collected = record(service, 'contextCollected')
  const owner = new AbortController()
  const context = await service.createContext({ owner: owner.signal })
  await using other = await service.createContext({ owner: new AbortController().signal })
  const waiting = rejection(context.eval(PROMISE), VmInvalidContextError)
  assert.equal(await context.eval('1'), 1)
  owner.abort()
  assert.equal(context.signal.aborted, true)
  assert.equal((await waiting).reason, 'owner-gone')
  assert.deepEqual(collected, [{ id: context.id, reason: 'owner-gone' }])
  assert.equal(await other.eval('1'), 1)
})

test('a context is collected when its owner is garbage', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const service = await anyService()
  const collected = record(service, 'contextCollected')
  const keeper = { name: 'keeper' }
  await using kept = await service.createContext({ owner: keeper })
  const context = await service.createContext({ owner: { name: 'soon garbage' } })
  await until('the context is collected', () => {
    gc()
    return context.signal.aborted
  })
  assert.deepEqual(collected, [{ id: context.id, reason: 'owner-gone' }])
  assert.equal(await kept.eval('1'), 1)
  assert.equal(keeper.name, 'keeper')
})

test('the ID of a collected context may be used again', async () => {
  const service = await anyService()
  const owner = new AbortController()
  const first = await service.createContext({ id: 'a', owner: owner.signal })
  await first.eval('mark = 1')
  owner.abort()
  await using second = await service.createContext({ id: 'a' })
  assert.equal(await second.eval('typeof mark'), 'undefined')
  await rejection(first.eval('1'), VmInvalidContextError)
})

test('an owner that aborts ends the creation under way', async () => {
  const service = await anyService()
  const collected = record(service, 'contextCollected')
  const owner = new AbortController()
  const creation = service.createContext({ id: 'a', owner: owner.signal })
  owner.abort()
  const error = await rejection(creation, VmInvalidContextError)
  assert.equal(error.reason, 'owner-gone')
  assert.equal(error.contextId, 'a')
  assert.deepEqual(collected, [{ id: 'a', reason: 'owner-gone' }])
  assert.equal(service.stats().contexts, 0)
  await using again = await service.createContext({ id: 'a' })
  assert.equal(await again.eval('1'), 1)
})

test('an owner that has aborted before gets no context', async () => {
  const service = await anyService()
  const creation = service.createContext({ owner: AbortSignal.abort() })
  const error = await rejection(creation, VmInvalidContextError)
  assert.equal(error.reason, 'owner-gone')
  assert.equal(service.stats().contexts, 0)
})

test('an owner that aborts while its context is created once more gets none', async () => {
  const service = await startService({ spares: 1 })
  try {
    const owner = new AbortController()
    service.once('processExit', () => owner.abort())
    const creation = service.createContext({ owner: owner.signal, init: [{ source: BUSY }] })
    process.kill(pidOf(service), 'SIGKILL')
    const ended = await creation.then(
      (context) => context.signal,
      ({ reason }) => ({ reason }),
    )
    assert.ok(ended.reason === 'owner-gone' || ended.reason?.reason === 'owner-gone')
    assert.equal(service.stats().contexts, 0)
  } finally {
    await service.close({ force: true })
  }
})

test('whenever the owner aborts, the process keeps no context', async () => {
  const supervisor = newSupervisor()
  await supervisor.start()
  using door = new BackDoor(supervisor)
  try {
    for (let turns = 0; turns < 12; turns++) {
      const owner = new AbortController()
      const busy = await supervisor.create({})
      // The creation waits behind a call in every second round.
      const running = turns % 2 ? supervisor.evaluate(busy, BUSY, {}) : undefined
      const creation = supervisor.create({ owner: owner.signal })
      const ended = creation.catch(({ reason }) => ({ reason }))
      for (let i = 0; i < turns; i++) await turn()
      owner.abort()
      // Made in time, and collected then; or not made at all.
      assert.equal((await ended).reason, 'owner-gone')
      await running
      await supervisor.destroy(busy)
    }
    assert.equal(supervisor.registry.directory.size, 0)
    let left = await door.inventory()
    while (left.length > 0) left = await door.inventory()
    assert.deepEqual(left, [])
  } finally {
    await supervisor.close(0)
  }
})
