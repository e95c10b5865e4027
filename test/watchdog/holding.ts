import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { VmContext, VmService, VmServiceEvents } from 'vmring'
import { serviceForAll } from '../support/service.js'
import { ABORT } from './support.js'

// A process holds the replies of short calls for a moment, to send them together. Nobody waits for a
// reply because of that, and nobody is blamed for what another did.

const sharedService = serviceForAll({ processes: 1, timeout: 30_000 })

/** Does nothing, takes so many milliseconds, or also brings its process down. */
const INIT = [
  {
    source: `function work(ms, crash) {
      const end = Date.now() + ms
      while (Date.now() < end);
      if (crash) ${ABORT}
      return ms
    }`,
  },
]

/** A context whose next call is expected to be as short as the last. */
async function brisk(service: VmService, key: string): Promise<VmContext> {
  const context = await service.createContext({ key, init: INIT })
  for (let i = 0; i < 20; i++) await context.call('work', [0])
  return context
}

/** The roles of contexts in the next report of a loss. */
async function rolesOf(service: VmService, contexts: readonly VmContext[]): Promise<unknown[]> {
  const [event] = (await once(service, 'contextLost')) as VmServiceEvents['contextLost']
  const roles = new Map(event.contexts.map(({ id, role }) => [id, role]))
  return contexts.map(({ id }) => roles.get(id))
}

test('a reply does not wait for a turn that is longer than expected', async () => {
  const service = await sharedService()
  const contexts = [await brisk(service, 'a'), await brisk(service, 'b')]
  for (const context of contexts) {
    const first = (contexts[0] as VmContext).call('work', [0])
    let isOver = false
    const long = context.call('work', [300]).finally(() => {
      isOver = true
    })
    assert.equal(await first, 0)
    // What came in one piece would all be settled by now.
    await turnOfTheLoop()
    assert.equal(isOver, false)
    assert.equal(await long, 300)
  }
})

test('replies come in the order of the calls, however they are held', async () => {
  const service = await sharedService()
  const contexts = await Promise.all(['a', 'b', 'c'].map((key) => brisk(service, key)))
  const order: number[] = []
  const calls = Array.from({ length: 300 }, (_, i) =>
    (contexts[i % 3] as VmContext)
      // Some are longer than what replies are held for.
      .call('work', [i % 50 === 7 ? 15 : 0])
      .then(() => void order.push(i)),
  )
  await Promise.all(calls)
  assert.deepEqual(
    order,
    calls.map((_, i) => i),
  )
})

test('a turn that is longer than expected is known when it brings its process down', async () => {
  const service = await sharedService()
  const contexts = await Promise.all(['a', 'b', 'c'].map((key) => brisk(service, key)))
  const [first, culprit, last] = contexts as [VmContext, VmContext, VmContext]
  const roles = rolesOf(service, [first, culprit, last])
  const before = first.call('work', [300])
  const calls = [first.call('work', [0]), culprit.call('work', [300, true]), last.call('work', [0])]
  await before
  await Promise.allSettled(calls)
  assert.deepEqual(await roles, ['collateral', 'culprit', 'collateral'])
})

test('who may have brought a process down is watched, and is known the next time', async () => {
  const service = await sharedService()
  const keys = ['x', 'y', 'z']
  for (let round = 0; ; round++) {
    const contexts = await Promise.all(keys.map((key) => brisk(service, key)))
    const [first, culprit, last] = contexts as [VmContext, VmContext, VmContext]
    if (culprit.slot !== first.slot) break
    // The second time at the latest.
    assert.ok(round < 2)
    const roles = rolesOf(service, contexts)
    // All are with the process when the crash comes.
    const gate = first.call('work', [20])
    const calls = Array.from({ length: 5 }, () => first.call('work', [0]))
    await Promise.allSettled([
      gate,
      ...calls,
      culprit.call('work', [0, true]),
      last.call('work', [0]),
    ])
    const [one, two, three] = await roles
    assert.deepEqual([one, three], ['collateral', 'collateral'])
    if (round > 0) assert.equal(two, 'culprit')
  }
  const slots = await Promise.all(
    keys.map(async (key) => (await service.createContext({ key })).slot.split('-')[0]),
  )
  assert.deepEqual(slots, ['slot', 'quarantine', 'slot'])
})

test('a reply that has not left yet is no turn under way', async () => {
  const service = await sharedService()
  const size = 500_000
  const init = [{ source: `const report = () => 'x'.repeat(${size})` }]
  const innocent = await service.createContext({ key: 'innocent', init })
  const culprit = await brisk(service, 'culprit')
  await innocent.call('report')
  const roles = rolesOf(service, [innocent, culprit])
  const reported = innocent.call<string>('report')
  const crashed = culprit.call('work', [0, true]).then(
    () => assert.fail('did not crash'),
    () => 'crashed',
  )
  // Nothing is read for a while: the reply fills the socket, and has to wait.
  const end = performance.now() + 300
  await turnOfTheLoop()
  while (performance.now() < end);
  assert.equal((await reported).length, size)
  assert.equal(await crashed, 'crashed')
  assert.deepEqual(await roles, ['collateral', 'culprit'])
})
