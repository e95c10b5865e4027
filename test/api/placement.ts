import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startService, twoProcesses, withAnyService } from '../support/service.js'

test('equal keys share a slot, and every ID is new', async () => {
  const service = await twoProcesses()
  const contexts = await Promise.all(
    Array.from({ length: 12 }, () => service.createContext({ key: 'tenant-42' })),
  )
  assert.equal(new Set(contexts.map(({ slot }) => slot)).size, 1)
  assert.equal(new Set(contexts.map(({ id }) => id)).size, 12)
  await using own = await service.createContext({ id: 'tenant-42' })
  assert.equal(own.slot, contexts[0]?.slot)
})

test('a context is on the same slot in every service of as many processes', async () => {
  const first = await twoProcesses()
  await using second = await startService({ processes: 2 })
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'tenant-42', '__proto__']) {
    const [one, other] = await Promise.all([
      first.createContext({ id }),
      second.createContext({ id }),
    ])
    assert.equal(one.slot, other.slot)
    assert.equal(first.context(id).slot, one.slot)
  }
  const minted = await first.createContext()
  assert.equal((await second.createContext({ id: minted.id })).slot, minted.slot)
})

test('a tenant whose key is the name of something built in is one like any other', async () => {
  const before = Reflect.ownKeys(Object.prototype).length
  await withAnyService(async (service) => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      await using context = await service.createContext({ key })
      assert.equal(await context.eval('1'), 1)
      await using named = await service.ensureContext({ id: key })
      assert.equal(named.slot, context.slot)
    }
  })
  assert.equal(Reflect.ownKeys(Object.prototype).length, before)
  assert.equal(({} as { value?: unknown }).value, undefined)
})
