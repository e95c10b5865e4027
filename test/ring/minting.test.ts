import assert from 'node:assert/strict'
import test from 'node:test'
import { VmService } from 'vmring'
import { keyOf, mintBalancedId, mintId, Ring } from '../../src/ring/hash-ring.js'
import { withService } from '../support/service.js'

test('10 000 minted IDs over 8 slots are within a tenth of the mean', () => {
  const names = Array.from({ length: 8 }, (_, i) => `slot-${i}`)
  const ring = new Ring(names)
  const loads = new Map(names.map((name) => [name, 0]))
  for (let i = 0; i < 10_000; i++) {
    const id = mintBalancedId(ring, (slot) => loads.get(slot) ?? 0)
    const slot = ring.slotOf(keyOf(id))
    loads.set(slot, (loads.get(slot) ?? 0) + 1)
  }
  for (const [name, load] of loads) {
    assert.ok(Math.abs(load - 1250) <= 125, `${name} has ${load} of 10 000`)
  }
})

test('no two IDs are equal, and none can be guessed from its key', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => mintId('key')))
  assert.equal(ids.size, 1000)
  for (const id of ids) assert.match(id, /^key\/[\w-]{22}$/)
})

test('a context is on the same slot in every service of as many processes', () =>
  withService({ processes: 2 }, async (first) => {
    await using second = await VmService.start({ processes: 2, spares: 0 })
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
  }))
