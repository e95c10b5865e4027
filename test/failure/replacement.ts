import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { VmDegradedError, VmProcessError, type VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { children, until } from '../support/processes.js'
import { FragileRuntime, hollowWorker, Runtime } from '../support/runtimes.js'
import { serviceForAll, startService } from '../support/service.js'
import { next, pidOf, record } from '../support/slots.js'

/** The processes that no slot holds. */
function spares(service: VmService): number[] {
  const held = service.stats().slots.map(({ pid }) => pid)
  return children().filter((pid) => !held.includes(pid))
}

async function untilSpare(service: VmService): Promise<number> {
  await until('there is a spare', () => service.stats().spares === 1)
  const [spare, ...more] = spares(service)
  assert.deepEqual(more, [])
  assert.ok(spare !== undefined)
  return spare
}

describe('a slot with a spare behind it', () => {
  const runtime = new Runtime(hollowWorker())
  const sharedService = serviceForAll({ spares: 1, execPath: runtime.execPath })
  after(() => runtime[Symbol.dispose]())

  test('a slot whose process dies takes the warm spare, and another is started', async () => {
    const service = await sharedService()
    const { generation } = service.stats().slots[0] ?? { generation: 0 }
    for (let times = 1; times <= 2; times++) {
      const spare = await untilSpare(service)
      const restart = next(service, 'processStart')
      process.kill(pidOf(service), 'SIGKILL')
      assert.deepEqual(await restart, {
        slot: 'slot-0',
        generation: generation + times,
        pid: spare,
      })
      assert.equal(pidOf(service), spare)
    }
  })

  test('a spare that dies while idle is replaced', async () => {
    const service = await sharedService()
    const first = await untilSpare(service)
    const pid = pidOf(service)
    process.kill(first, 'SIGKILL')
    await until('the spare is gone', () => !spares(service).includes(first))
    const second = await untilSpare(service)
    assert.notEqual(second, first)
    assert.equal(pidOf(service), pid)
    const restart = next(service, 'processStart')
    process.kill(pid, 'SIGKILL')
    assert.equal((await restart).pid, second)
  })
})

test('a slot recovers when its process and the spare die together', async () => {
  await using service = await startService({ spares: 1 })
  const dead = [await untilSpare(service), pidOf(service)]
  for (const pid of dead) process.kill(pid, 'SIGKILL')
  // The slot may take the spare before its death is known, and need a third.
  await until('the slot has a living process', () => {
    const { pid } = service.stats().slots[0] ?? {}
    return pid !== undefined && !dead.includes(pid)
  })
  const context = await service.createContext()
  assert.equal(await context.eval('1'), 1)
})

test('while nothing can be started a slot works on, without a process refuses work, and heals', async () => {
  using runtime = new FragileRuntime()
  const { execPath } = runtime
  await using service = await startService({ execPath })
  const reports = record(service, 'degraded')
  const recoveries = record(service, 'recovered')
  assert.equal(runtime.starts, 1)
  const survivor = await service.createContext()

  runtime.break()
  assert.equal(await survivor.eval('1'), 1)
  assert.deepEqual(reports, [])
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

test('a degraded service closes', async () => {
  using runtime = new FragileRuntime('exit 7', hollowWorker())
  const { execPath } = runtime
  const service = await startService({ execPath })
  runtime.break()
  const failure = next(service, 'degraded')
  process.kill(pidOf(service), 'SIGKILL')
  await failure
  await service.close()
  assert.deepEqual(children(), [])
})
