import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { VmInvalidContextError } from 'vmring'
import { BackDoor, newSupervisor } from '../support/internals.js'
import { rejection } from '../support/outcomes.js'
import { serviceForAll } from '../support/service.js'
import { record } from '../support/slots.js'

const anyService = serviceForAll()

const BUSY = 'for (const end = Date.now() + 100; Date.now() < end; );'

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
