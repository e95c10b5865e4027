import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Role, VmInvalidContextError, VmProcessError, VmService, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { serviceForAll } from '../support/service.js'
import { keyOn } from '../support/slots.js'

const anyService = serviceForAll()

const HANG = 'while (true) {}'

/** How calls that shared the process may end: the hang may have cost it, or not. */
function assertTyped(outcome: PromiseSettledResult<unknown>, role: Role): void {
  if (outcome.status === 'fulfilled') return assert.equal(outcome.value, 'behind')
  const { reason } = outcome
  if (reason instanceof VmInvalidContextError) return assert.equal(reason.reason, 'process-exit')
  assert.ok(reason instanceof VmProcessError, String(reason))
  assert.equal(reason.role, role)
}

for (const [how, source] of [
  ['a script that hangs', HANG],
  ['a microtask that hangs', `Promise.resolve().then(() => { ${HANG} })`],
  ['a promise chain without end', 'const again = () => Promise.resolve().then(again); again()'],
  ['an async function that hangs once resumed', `(async () => { await null; ${HANG} })()`],
] as const) {
  test(`${how} is timed out`, async () => {
    const service = await anyService()
    const context = await service.createContext()
    const error = await rejection(context.eval(source, { timeout: 100 }), VmTimeoutError)
    assert.equal(error.phase, 'run')
    assert.equal(error.timeout, 100)
    const again = await service.createContext()
    assert.equal(await again.eval('1 + 1'), 2)
  })
}

test('a function that hangs is timed out by the budget of its context', async () => {
  const service = await anyService()
  const context = await service.createContext({ timeout: 150 })
  await context.eval(`function hang() { ${HANG} }`)
  const error = await rejection(context.call('hang'), VmTimeoutError)
  assert.equal(error.timeout, 150)
  assert.equal(error.phase, 'run')
})

test('start-up sources of a context that hang are timed out', async () => {
  const service = await anyService()
  const creation = service.createContext({ id: 'a', init: [{ source: HANG }], timeout: 100 })
  // The process may be lost with it: then the context is gone for that reason.
  const reason: unknown = await creation.catch((error: unknown) => error)
  assert.ok(
    reason instanceof VmTimeoutError || reason instanceof VmInvalidContextError,
    String(reason),
  )
  const again = await service.createContext({ id: 'a' })
  assert.equal(await again.eval('1'), 1)
})

test('of pipelined calls only the one that hangs is timed out', async () => {
  const service = await anyService()
  const fast = await service.createContext()
  const slow = await service.createContext()
  const before = [1, 2, 3].map((n) => fast.eval(`${n}`))
  const hang = rejection(slow.eval(HANG, { timeout: 100 }), VmTimeoutError)
  const behind = Array.from({ length: 200 }, (_, i) => (i % 2 ? fast : slow).eval('"behind"'))
  const outcomes = Promise.allSettled(behind)
  assert.deepEqual(await Promise.all(before), [1, 2, 3])
  assert.equal((await hang).phase, 'run')
  for (const [i, outcome] of (await outcomes).entries()) {
    assertTyped(outcome, i % 2 ? 'collateral' : 'culprit')
  }
  assert.equal(service.stats().inFlight, 0)
  assert.equal(service.stats().waiting, 0)
})

test('calls that await promises are not mistaken for the one that hangs', async () => {
  const service = await anyService()
  const patient = await service.createContext()
  const context = await service.createContext()
  await patient.eval('releases = []')
  const waiting = Array.from({ length: 5 }, () =>
    patient.eval('new Promise((resolve) => { releases.push(() => resolve("behind")) })'),
  )
  const outcomes = Promise.allSettled(waiting)
  const hang = await rejection(context.eval(HANG, { timeout: 100 }), VmTimeoutError)
  assert.equal(hang.phase, 'run')
  if (hang.contextSurvived) await patient.eval('for (const release of releases) release()')
  for (const outcome of await outcomes) assertTyped(outcome, 'collateral')
})

test('contexts of other processes live on, and so do their calls', async () => {
  await using service = await VmService.start({ processes: 2, spares: 0 })
  const culprit = await service.createContext({ key: keyOn('slot-0', 2) })
  const other = await service.createContext({ key: keyOn('slot-1', 2) })
  const waiting = other.eval('count = 1; new Promise((resolve) => { release = resolve })')
  await rejection(culprit.eval(HANG, { timeout: 100 }), VmTimeoutError)
  assert.equal(await other.eval('release("kept"); ++count'), 2)
  assert.equal(await waiting, 'kept')
  assert.equal(other.signal.aborted, false)
})
