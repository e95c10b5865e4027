import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EvalOptions, type VmContext, type VmService, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { serviceForAll, startService } from '../support/service.js'
import { ABORT, failure, STUCK, within } from '../watchdog/support.js'

const QUARANTINED = /^quarantine-\d+$/
const RING = /^slot-\d+$/

/** For every test that finds the processes there, or has them replaced. */
const sharedService = serviceForAll({ processes: 2, killGrace: 100 })

/** Has a context of the key bring its process down. Returns the slot it was on. */
async function offend(
  service: VmService,
  key: string,
  source: string,
  options: EvalOptions = {},
): Promise<string> {
  const context = await service.createContext({ key })
  await failure(context.eval(source, options))
  return context.slot
}

async function slotOf(service: VmService, key: string): Promise<string> {
  await using context = await service.createContext({ key })
  return context.slot
}

for (const [name, source, options] of [
  ['crashed', ABORT, {}],
  ['was killed with', STUCK, { timeout: 100 }],
] as const) {
  test(`after a context ${name} its process, the key lives in a process of its own, and costs that alone`, async () => {
    const service = await sharedService()
    const key = `it ${name}`
    const before = await offend(service, key, source, options)
    assert.match(before, RING)
    const context = await service.createContext({ key })
    assert.match(context.slot, QUARANTINED)
    assert.equal(await context.eval('40 + 2'), 42)
    const { slots } = service.stats()
    assert.equal(new Set(slots.map(({ pid }) => pid)).size, slots.length)
    assert.equal(slots.filter((slot) => RING.test(slot.name)).length, 2)
    const { contexts } = slots.find((slot) => slot.name === context.slot) ?? {}
    assert.equal(contexts, 1)
    const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`)
    const others = await Promise.all(keys.map((other) => service.createContext({ key: other })))
    for (const { slot } of others) assert.match(slot, RING)
    if (source !== ABORT) return
    // The next time it costs nobody but itself, and it stays where it is.
    assert.match(await offend(service, key, source), QUARANTINED)
    for (const each of others) assert.equal(await each.eval('1'), 1)
    assert.match(await slotOf(service, key), QUARANTINED)
  })
}

test('a timeout that the context survives is no offence', async () => {
  const service = await sharedService()
  const key = 'survivor'
  const context = await service.createContext({ key })
  await rejection(context.eval('for (;;);', { timeout: 50 }), VmTimeoutError)
  assert.match(await slotOf(service, key), RING)
})

test('a process that somebody else kills is nobody`s offence', async () => {
  const service = await sharedService()
  const key = 'victim'
  const context: VmContext = await service.createContext({ key })
  const running = failure(context.eval('for (;;);', { timeout: Infinity }))
  const { pid } = service.stats().slots.find(({ name }) => name === context.slot) ?? {}
  process.kill(pid as number, 'SIGKILL')
  await running
  assert.match(await slotOf(service, key), RING)
})

test('`probation: 0` turns it off', async () => {
  await using service = await startService({ probation: 0 })
  const key = 'offender'
  const before = await offend(service, key, ABORT)
  assert.equal(await slotOf(service, key), before)
})

test('a key that behaved for its probation is placed on the ring again', async () => {
  await using service = await startService({ probation: 200 })
  const key = 'offender'
  const before = await offend(service, key, ABORT)
  let slot = ''
  await within(
    10_000,
    async () => {
      slot = await slotOf(service, key)
      return RING.test(slot)
    },
    () => `still on ${slot}`,
  )
  assert.equal(slot, before)
})
