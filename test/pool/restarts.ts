import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { VmDegradedError, type VmServiceEvents } from 'vmring'
import { RestartPolicy } from '../../src/pool/restart-policy.js'
import { rejection } from '../support/outcomes.js'
import { FragileRuntime, hollowWorker } from '../support/runtimes.js'
import { startService } from '../support/service.js'
import { keyOn, next, pidOf, record } from '../support/slots.js'

/** A policy whose clock stands still; every start it hears of began just now. */
function policyAt(now: number, random: number): RestartPolicy {
  return new RestartPolicy({ now: () => now, random: () => random })
}

test('the first start may happen at once', () => {
  assert.ok(policyAt(1000, 0).retryAt <= 1000)
})

test('each failure doubles the delay, up to 30 s', () => {
  const policy = policyAt(1000, 0)
  const delays = Array.from({ length: 12 }, () => {
    policy.failed(1000)
    return policy.retryAt - 1000
  })
  assert.deepEqual(delays.slice(0, 4), [100, 200, 400, 800])
  assert.deepEqual(delays.slice(-3), [30_000, 30_000, 30_000])
})

test('however often starts fail, the delay stays finite', () => {
  const policy = policyAt(0, 0)
  for (let i = 0; i < 5000; i++) policy.failed(0)
  assert.equal(policy.retryAt, 30_000)
})

test('chance takes up to a fifth off a delay', () => {
  for (const [random, delay] of [
    [0, 100],
    [0.5, 90],
    [0.999, 80.02],
  ] as const) {
    const policy = policyAt(0, random)
    policy.failed(0)
    assert.ok(Math.abs(policy.retryAt - delay) < 0.001, `${policy.retryAt}`)
  }
})

test('a success forgets the failures before it', () => {
  const policy = policyAt(1000, 0)
  for (let i = 0; i < 5; i++) policy.failed(1000)
  policy.succeeded()
  assert.ok(policy.retryAt <= 1000)
  policy.failed(1000)
  assert.equal(policy.retryAt, 1100)
})

test('starts that were under way when one failed are no further evidence', () => {
  let now = 1000
  const policy = new RestartPolicy({ now: () => now, random: () => 0 })
  now = 1050
  for (let i = 0; i < 9; i++) policy.failed(1000)
  assert.equal(policy.retryAt, 1150)
  now = 1200
  policy.failed(1150)
  assert.equal(policy.retryAt, 1400)
})

test('deaths are answered at once, up to the intensity', () => {
  let now = 0
  const policy = new RestartPolicy({ now: () => now, random: () => 0 })
  for (let i = 0; i < 20; i++) {
    now += 10
    policy.died()
    assert.ok(policy.retryAt <= now)
  }
  policy.died()
  assert.equal(policy.retryAt, now + 100)
  now += 20_000
  policy.died()
  assert.ok(policy.retryAt <= now)
})

/** Deaths within ten seconds that are put up with. */
const INTENSITY = 20

test('a slot whose process dies over and over backs off alone, says so, and recovers', async () => {
  // Twenty workers take longer to start than the period on a busy machine.
  using runtime = new FragileRuntime(hollowWorker())
  const { execPath } = runtime
  await using service = await startService({ processes: 2, execPath })
  const key = keyOn('slot-0', 2)
  const sound = await service.createContext({ key: keyOn('slot-1', 2) })
  await sound.eval('let n = 0')
  const exits = record(service, 'processExit')
  const degradations = record(service, 'degraded')
  const recovered = next(service, 'recovered')

  // Each process is killed as soon as the slot has it, until the slot takes none.
  service.on('processStart', ({ pid }) => {
    if (degradations.length > 0) return
    if (exits.length === INTENSITY) runtime.repair()
    process.kill(pid, 'SIGKILL')
  })
  const alive = setInterval(() => {}, 1000)
  const refused = once(service, 'degraded').then(([event]) => {
    const { slot, retryAt } = event as VmServiceEvents['degraded'][0]
    assert.equal(slot, 'slot-0')
    assert.ok(retryAt > Date.now(), `${retryAt} is past`)
    return rejection(service.createContext({ key }), VmDegradedError)
  })
  runtime.break()
  process.kill(pidOf(service), 'SIGKILL')
  const { slot, retryAt } = await refused
  clearInterval(alive)
  assert.equal(slot, 'slot-0')
  assert.equal(retryAt, degradations[0]?.retryAt)
  assert.ok(exits.length > INTENSITY, `${exits.length} deaths`)
  for (const { exit } of exits) assert.equal(exit.cause, 'killed')
  assert.equal(await sound.eval('++n'), 1)

  await recovered
  assert.equal(await sound.eval('++n'), 2)
  assert.equal(degradations.length, 1)
  const context = await service.createContext({ key })
  assert.equal(await context.eval('40 + 2'), 42)
})
