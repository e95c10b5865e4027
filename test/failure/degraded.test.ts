import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmDegradedError, VmProcessError, VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { children } from '../support/processes.js'
import { FragileRuntime } from '../support/runtimes.js'
import { next, pidOf, record } from '../support/slots.js'

test('a slot without a process refuses work at once, and heals by itself', async () => {
  using runtime = new FragileRuntime()
  const { execPath } = runtime
  await using service = await VmService.start({ processes: 1, spares: 0, execPath })
  const reports = record(service, 'degraded')
  const recoveries = record(service, 'recovered')
  assert.equal(runtime.starts, 1)

  runtime.break()
  const exit = next(service, 'processExit')
  const failure = next(service, 'degraded')
  process.kill(pidOf(service), 'SIGKILL')
  await exit
  // Nobody knows yet that there will be no successor.
  const early = rejection(service.createContext(), VmDegradedError)
  const { slot, retryAt, error } = await failure
  assert.equal(slot, 'slot-0')
  assert.ok(error instanceof VmProcessError)
  assert.equal(error.exit.code, 7)
  assert.equal((await early).retryAt, retryAt)
  const late = await rejection(service.createContext(), VmDegradedError)
  assert.equal(late.slot, 'slot-0')
  assert.equal(late.retryAt, retryAt)
  assert.equal(late.cause, error)

  // Each try comes later than the one before, and none without its report.
  const third = next(service, 'degraded').then(() => next(service, 'degraded'))
  assert.ok((await third).retryAt - retryAt > 200)
  assert.equal(runtime.starts, 1 + reports.length)

  const recovery = next(service, 'recovered')
  const start = next(service, 'processStart')
  runtime.repair()
  await recovery
  assert.equal((await start).generation, 2)
  const context = await service.createContext()
  assert.equal(await context.eval('1 + 1'), 2)
  assert.equal(runtime.starts, 2 + reports.length)
  assert.equal(recoveries.length, 1)
})

test('a slot with a process works on while no spare can be started', async () => {
  using runtime = new FragileRuntime()
  const { execPath } = runtime
  await using service = await VmService.start({ processes: 1, spares: 0, execPath })
  const reports = record(service, 'degraded')
  const context = await service.createContext()
  runtime.break()
  assert.equal(await context.eval('1'), 1)
  assert.deepEqual(reports, [])
  runtime.repair()
})

test('a degraded service closes', async () => {
  using runtime = new FragileRuntime()
  const { execPath } = runtime
  const service = await VmService.start({ processes: 2, spares: 0, execPath })
  runtime.break()
  const failure = next(service, 'degraded')
  process.kill(pidOf(service), 'SIGKILL')
  await failure
  await service.close()
  assert.deepEqual(children(), [])
})
