import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type VmContext, VmService, type VmServiceOptions, VmTimeoutError } from 'vmring'
import { rejection } from './support/outcomes.js'
import { CRASH, failure, STUCK, within } from './watchdog/support.js'

const KEY = 'offender'
const QUARANTINED = /^quarantine-\d+$/
const RING = /^slot-\d+$/

const start = (options: VmServiceOptions) =>
  VmService.start({ processes: 2, spares: 0, timeout: 1000, killGrace: 100, ...options })

/** Has a context of the key bring its process down. Returns the slot it was on. */
async function offend(service: VmService, source: string): Promise<string> {
  const context = await service.createContext({ key: KEY })
  await failure(context.eval(source))
  return context.slot
}

async function slotOf(service: VmService, key: string): Promise<string> {
  await using context = await service.createContext({ key })
  return context.slot
}

for (const [name, source] of Object.entries({ crashed: CRASH, 'was killed with': STUCK })) {
  test(`after a context ${name} its process, the key lives in a process of its own`, async () => {
    await using service = await start({})
    const before = await offend(service, source)
    assert.match(before, RING)
    const context = await service.createContext({ key: KEY })
    assert.match(context.slot, QUARANTINED)
    assert.equal(await context.eval('40 + 2'), 42)
    const pids = service.stats().slots.map(({ pid }) => pid)
    assert.equal(new Set(pids).size, 3)
    for (let i = 0; i < 20; i++) assert.match(await slotOf(service, `key-${i}`), RING)
  })
}

test('the offender costs only itself from then on', async () => {
  await using service = await start({})
  await offend(service, CRASH)
  const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`)
  const others = await Promise.all(keys.map((key) => service.createContext({ key })))
  assert.match(await offend(service, CRASH), QUARANTINED)
  for (const each of others) assert.equal(await each.eval('1'), 1)
  assert.match(await slotOf(service, KEY), QUARANTINED)
})

test('a timeout that the context survives is no offence', async () => {
  await using service = await start({ killGrace: 30_000 })
  const context = await service.createContext({ key: KEY })
  await rejection(context.eval('for (;;);', { timeout: 50 }), VmTimeoutError)
  assert.match(await slotOf(service, KEY), RING)
})

test('a process that somebody else kills is nobody`s offence', async () => {
  await using service = await start({})
  const context: VmContext = await service.createContext({ key: KEY })
  const running = failure(context.eval('for (;;);', { timeout: Infinity }))
  const { pid } = service.stats().slots.find(({ name }) => name === context.slot) ?? {}
  process.kill(pid as number, 'SIGKILL')
  await running
  assert.match(await slotOf(service, KEY), RING)
})

test('`probation: 0` turns it off', async () => {
  await using service = await start({ probation: 0 })
  const before = await offend(service, CRASH)
  assert.equal(await slotOf(service, KEY), before)
})

test('a key that behaved for its probation is placed on the ring again', async () => {
  await using service = await start({ probation: 500 })
  const before = await offend(service, CRASH)
  let slot = ''
  await within(
    10_000,
    async () => {
      slot = await slotOf(service, KEY)
      return RING.test(slot)
    },
    () => `still on ${slot}`,
  )
  assert.equal(slot, before)
})
