import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Utilization } from '../../src/pool/utilization.js'
import { withService } from '../support/service.js'

test('stats tell how long calls took, those that failed among them', () =>
  withService({}, async (service) => {
    assert.equal(service.stats().latency, undefined)
    await using context = await service.createContext()
    for (let i = 0; i < 9; i++) await context.eval('1')
    await assert.rejects(context.eval('for (;;);', { timeout: 100 }))
    const { latency } = service.stats()
    assert.ok(latency)
    assert.equal(latency.count, 10)
    assert.ok(latency.max >= 99, `${latency.max}`)
    assert.ok(0 < latency.p50 && latency.p50 <= latency.p90 && latency.p90 <= latency.p99)
    assert.ok(latency.p99 <= latency.p999 && latency.p999 <= latency.max)
  }))

test('stats tell how busy a process is', () =>
  withService({}, async (service) => {
    await using context = await service.createContext()
    const before = service.stats().slots[0]?.utilization ?? 1
    await assert.rejects(context.eval('for (;;);', { timeout: 300 }))
    const after = service.stats().slots[0]?.utilization ?? 0
    assert.ok(0 < before && before < after && after < 1, `${before}, ${after}`)
  }))

test('utilization is that of the last one or two minutes', () => {
  const utilization = new Utilization(0)
  assert.equal(utilization.share(0), 0)
  utilization.begin(1000)
  assert.equal(utilization.share(2000), 0.5)
  utilization.end(11_000)
  assert.equal(utilization.share(20_000), 0.5)
  // A minute has passed: the ten seconds are in the one before.
  assert.equal(utilization.share(100_000), 0.1)
  assert.equal(utilization.share(170_000), 0)
  // However long it was idle before.
  utilization.begin(4_000_000)
  assert.ok(utilization.share(4_050_000) > 0.4)
  assert.equal(utilization.share(9_000_000), 1)
})
