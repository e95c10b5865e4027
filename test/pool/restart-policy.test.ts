import assert from 'node:assert/strict'
import test from 'node:test'
import { RestartPolicy } from '../../src/pool/restart-policy.js'

function policyAt(now: number, random: number): RestartPolicy {
  return new RestartPolicy({ now: () => now, random: () => random })
}

test('the first start may happen at once', () => {
  assert.ok(policyAt(1000, 0).retryAt <= 1000)
})

test('each failure doubles the delay, up to 30 s', () => {
  const policy = policyAt(1000, 0)
  const delays = Array.from({ length: 12 }, () => {
    policy.failed()
    return policy.retryAt - 1000
  })
  assert.deepEqual(delays.slice(0, 4), [100, 200, 400, 800])
  assert.deepEqual(delays.slice(-3), [30_000, 30_000, 30_000])
})

test('however often starts fail, the delay stays finite', () => {
  const policy = policyAt(0, 0)
  for (let i = 0; i < 5000; i++) policy.failed()
  assert.equal(policy.retryAt, 30_000)
})

test('chance takes up to a fifth off a delay', () => {
  for (const [random, delay] of [
    [0, 100],
    [0.5, 90],
    [0.999, 80.02],
  ] as const) {
    const policy = policyAt(0, random)
    policy.failed()
    assert.ok(Math.abs(policy.retryAt - delay) < 0.001, `${policy.retryAt}`)
  }
})

test('a success forgets the failures before it', () => {
  const policy = policyAt(1000, 0)
  for (let i = 0; i < 5; i++) policy.failed()
  policy.succeeded()
  assert.ok(policy.retryAt <= 1000)
  policy.failed()
  assert.equal(policy.retryAt, 1100)
})
