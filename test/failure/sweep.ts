import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Calls } from '../../src/calls.js'
import type { Slot } from '../../src/pool/slot.js'
import { Registry } from '../../src/registry.js'
import { BackDoor, newSupervisor } from '../support/internals.js'

test('contexts that only the process knows are destroyed by the sweep', async (t) => {
  const supervisor = newSupervisor()
  const timers = t.mock.method(globalThis, 'setInterval')
  await supervisor.start()
  const sweep = timers.mock.calls.at(-1)?.arguments[0]
  assert.ok(sweep)
  using door = new BackDoor(supervisor)
  try {
    const known = await supervisor.create({})
    await door.plant(4_000_000_001)
    await door.plant(4_000_000_002)
    assert.equal((await door.inventory()).length, 3)
    // One that is being made meanwhile is no stranger.
    const making = supervisor.create({})
    sweep()
    const made = await making
    let left = await door.inventory()
    while (left.length > 2) left = await door.inventory()
    assert.deepEqual(left, [known.number, made.number])
    assert.equal(await supervisor.evaluate(known, '1', {}), 1)
    assert.equal(await supervisor.evaluate(made, '2', {}), 2)
  } finally {
    await supervisor.close(0)
  }
})

test('a process that claims to hold a million contexts is not asked to destroy them all', async () => {
  const claimed = Promise.resolve(Array.from({ length: 1_000_000 }, (_, i) => i))
  const destroyed: number[] = []
  const calls = {
    inventory: () => claimed,
    destroy: async (_: Slot, number: number) => void destroyed.push(number),
  }
  new Registry(calls as unknown as Calls, { contextLost() {}, contextCollected() {} }).sweep(
    {} as Slot,
  )
  await claimed
  await null
  assert.equal(destroyed.length, 1000)
})
