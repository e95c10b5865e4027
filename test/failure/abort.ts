import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilBusy } from '../support/processes.js'
import { anyService, twoProcesses } from '../support/service.js'
import { pidOf } from '../support/slots.js'

const BUSY = 'while (true) {}'
const reason = { why: 'no longer wanted' }

/** The very reason, not a copy of it and not an error about it. */
async function assertAborted(call: Promise<unknown>): Promise<void> {
  const got = await call.then(
    () => assert.fail('resolved'),
    (error: unknown) => error,
  )
  assert.equal(got, reason)
}

test('a call whose signal has aborted before is not made', async () => {
  const service = await anyService()
  const context = await service.createContext()
  await context.eval('ran = 0; function run() { ran++ }')
  const signal = AbortSignal.abort(reason)
  await assertAborted(context.eval('run()', { signal }))
  await assertAborted(context.call('run', [], { signal }))
  assert.equal(await context.eval('ran'), 0)
})

for (const [where, ahead] of [
  ['in the process', 0],
  ['in the service', 127],
] as const) {
  test(`a call aborted while it waits ${where} never runs`, async () => {
    const service = await anyService()
    const context = await service.createContext()
    await context.eval('ran = 0; function run() { ran++ }')
    const [controller, caller] = [new AbortController(), new AbortController()]
    const busy = assertAborted(context.eval(BUSY, { timeout: 60_000, signal: caller.signal }))
    const running = Array.from({ length: ahead }, () => context.eval('1'))
    const call = assertAborted(context.call('run', [], { signal: controller.signal }))
    await untilBusy(pidOf(service))
    controller.abort(reason)
    await call
    caller.abort(reason)
    await busy
    await Promise.all(running)
    assert.equal(await context.eval('ran'), 0)
  })
}

test('a call aborted while it awaits is settled at once, and its context lives', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const controller = new AbortController()
  const { signal } = controller
  const source = 'count = 1; new Promise((resolve) => { late = resolve })'
  const call = assertAborted(context.eval(source, { signal }))
  assert.equal(await context.eval('++count'), 2)
  controller.abort(reason)
  await call
  assert.equal(await context.eval('late("late"); ++count'), 3)
  assert.equal(service.stats().inFlight, 0)
})

test('a signal that aborts after the call leaves no trace', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const controller = new AbortController()
  assert.equal(await context.eval('1', { signal: controller.signal }), 1)
  controller.abort(reason)
  assert.equal(await context.eval('2'), 2)
})

test('one signal gives up many calls', async () => {
  const service = await twoProcesses()
  const contexts = await Promise.all(Array.from({ length: 8 }, () => service.createContext()))
  const signal = AbortSignal.timeout(50)
  const calls = contexts.map((context) => context.eval('new Promise(() => {})', { signal }))
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, 'rejected')
    assert.equal(outcome.reason, signal.reason)
  }
  assert.deepEqual(
    await Promise.all(contexts.map((context) => context.eval('1'))),
    Array(8).fill(1),
  )
})
