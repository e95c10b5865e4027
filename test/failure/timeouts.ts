import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Role, VmInvalidContextError, VmProcessError, VmTimeoutError } from 'vmring'
import { rejection, rejections } from '../support/outcomes.js'
import { until } from '../support/processes.js'
import { anyService, serviceForAll, twoProcesses, withContext } from '../support/service.js'
import { keyOn, pidOf } from '../support/slots.js'

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
    const error = await rejection(context.eval(source, { timeout: 30 }), VmTimeoutError)
    assert.equal(error.phase, 'run')
    assert.equal(error.timeout, 30)
    const again = await service.createContext()
    assert.equal(await again.eval('1 + 1'), 2)
  })
}

test('a function that hangs is timed out by the budget of its context', async () => {
  const service = await anyService()
  const context = await service.createContext({ timeout: 60 })
  await context.eval(`function hang() { ${HANG} }`)
  const error = await rejection(context.call('hang'), VmTimeoutError)
  assert.equal(error.timeout, 60)
  assert.equal(error.phase, 'run')
})

test('start-up sources of a context that hang are timed out', async () => {
  const service = await anyService()
  const creation = service.createContext({ id: 'a', init: [{ source: HANG }], timeout: 30 })
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
  const service = await twoProcesses()
  const culprit = await service.createContext({ key: keyOn('slot-0', 2) })
  const other = await service.createContext({ key: keyOn('slot-1', 2) })
  const waiting = other.eval('count = 1; new Promise((resolve) => { release = resolve })')
  await rejection(culprit.eval(HANG, { timeout: 100 }), VmTimeoutError)
  assert.equal(await other.eval('release("kept"); ++count'), 2)
  assert.equal(await waiting, 'kept')
  assert.equal(other.signal.aborted, false)
})

test('a promise that never settles is timed out, and its context works on', async () => {
  const service = await anyService()
  const context = await service.createContext()
  await context.eval('count = 1; function never() { return new Promise(() => {}) }')
  const pid = pidOf(service)
  const calls = [
    context.eval('new Promise(() => {})', { timeout: 50 }),
    context.call('never', [], { timeout: 50 }),
  ]
  for (const error of await rejections(calls, VmTimeoutError)) {
    assert.equal(error.phase, 'run')
    assert.equal(error.timeout, 50)
    assert.equal(error.contextSurvived, true)
  }
  assert.equal(await context.eval('++count'), 2)
  assert.equal(context.signal.aborted, false)
  assert.equal(pidOf(service), pid)
})

test('each of many awaiting calls has its own deadline', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const longest = context.eval('new Promise((resolve) => { release = resolve })', {
    timeout: 60_000,
  })
  // In what order they end is up to the machine, which may be late for all of them at once.
  const wait = async (timeout: number): Promise<void> => {
    const start = performance.now()
    const call = context.eval('new Promise(() => {})', { timeout })
    const error = await rejection(call, VmTimeoutError)
    const waited = performance.now() - start
    assert.equal(error.timeout, timeout)
    assert.ok(waited >= timeout, `${waited} ms`)
  }
  await Promise.all([250, 50, 150].map(wait))
  await context.eval('release("released")')
  assert.equal(await longest, 'released')
})

test('a promise behind a call that takes longer has a deadline all the same', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const running = context.eval('for (const end = Date.now() + 200; Date.now() < end; );')
  const error = await rejection(
    context.eval('new Promise(() => {})', { timeout: 50 }),
    VmTimeoutError,
  )
  assert.deepEqual([error.timeout, error.contextSurvived], [50, true])
  await running
})

test('what settles late is dropped', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const source = 'new Promise((resolve, reject) => { late = resolve; fail = reject })'
  await rejection(context.eval(source, { timeout: 50 }), VmTimeoutError)
  assert.equal(await context.eval('late("late"); "own"'), 'own')
  await rejection(context.eval(source, { timeout: 50 }), VmTimeoutError)
  assert.equal(await context.eval('fail(new Error("late")); "own"'), 'own')
  assert.deepEqual(await Promise.all([context.eval('1'), context.eval('2')]), [1, 2])
  assert.equal(service.stats().inFlight, 0)
})

const impatientService = serviceForAll({ queueTimeout: 300 })

for (const [where, count] of [
  ['in the process', 10],
  ['in the service', 200],
] as const) {
  test(`calls that wait ${where} too long are given up, and never run`, async () => {
    const service = await impatientService()
    const context = await service.createContext()
    const busy = await service.createContext()
    await context.eval('ran = 0; function run() { ran++ }')
    const caller = new AbortController()
    const running = busy.eval(HANG, { timeout: 60_000, signal: caller.signal })
    const calls = Array.from({ length: count }, () => context.call('run'))
    for (const error of await rejections(calls, VmTimeoutError)) {
      assert.equal(error.phase, 'queue')
      assert.equal(error.timeout, 300)
      assert.equal(error.contextSurvived, true)
    }
    caller.abort(new Error('that was long enough'))
    await assert.rejects(running, /long enough/)
    // Whoever comes before its turn has ended would have to wait for that.
    await until('the turn has ended', () => service.stats().inFlight === 0)
    assert.equal(await context.eval('ran'), 0)
  })
}

test('a call that started in time is not given up, however long it runs or awaits', async () => {
  const service = await impatientService()
  const context = await service.createContext()
  const waiting = context.eval('new Promise((resolve) => { release = resolve })')
  const busy = 'for (const end = Date.now() + 500; Date.now() < end; );'
  const running = context.eval(`${busy} 'done'`)
  assert.equal(await running, 'done')
  await context.eval('release("released")')
  assert.equal(await waiting, 'released')
})

const strictService = serviceForAll({ killGrace: 100 })

/** Sends, in one write, a call that is withdrawn before it starts and another one after it. */
async function afterWithdrawn(withdrawnTimeout: number, source: string, timeout: number) {
  const service = await strictService()
  const context = await service.createContext()
  const caller = new AbortController()
  const withdrawn = context.eval('1', { signal: caller.signal, timeout: withdrawnTimeout })
  caller.abort(new Error('no longer needed'))
  const next = context.eval(source, { timeout })
  await assert.rejects(withdrawn, /no longer needed/)
  return await next
}

test('a call is not stopped by the smaller budget of one withdrawn before it', async () => {
  // Past the smaller budget and the grace.
  const busy = 'for (const end = Date.now() + 300; Date.now() < end; );\n"done"'
  assert.equal(await afterWithdrawn(50, busy, 10_000), 'done')
})

test('a call is stopped by its own budget, not by that of one withdrawn before it', async () => {
  await assert.rejects(
    afterWithdrawn(3000, 'while (true) {}', 50),
    (error) => error instanceof VmTimeoutError && error.timeout === 50 && error.phase === 'run',
  )
})

test('a turn that settles what another call waits for is cut, and the other is answered all the same', () =>
  withContext(async (context) => {
    await context.eval('let open; const gate = new Promise((resolve) => { open = resolve })')
    // Without a deadline: nothing else would ever answer it.
    const waiting = context.eval('gate.then((value) => ({ value }))', { timeout: Infinity })
    const cut = context.eval('open(42); for (;;);', { timeout: 100 })
    await rejection(cut, VmTimeoutError)
    assert.deepEqual(await waiting, { value: 42 })
  }))
