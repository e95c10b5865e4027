import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { VmProcessError, type VmService, type VmServiceEvents, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { untilIdle } from '../support/processes.js'
import { serviceForAll, startService } from '../support/service.js'
import { pidOf, record } from '../support/slots.js'
import { CRASH, failure, STUCK, witness } from './support.js'

/** Of the calls that are to miss it; all others have the time that a busy machine may need. */
const TIMEOUT = 200
/** Far more than a process takes to be killed, and far less than those others have. */
const LENIENCE = 10_000

const sharedService = serviceForAll({ timeout: 60_000, killGrace: 200 })

function generationOf(service: VmService): number | undefined {
  return service.stats().slots[0]?.generation
}

describe('a process that is stopped', () => {
  it('is killed under load: every caller is told, and the slot answers again', async () => {
    const service = await sharedService()
    const contexts = await Promise.all([1, 2, 3].map(() => service.createContext()))
    await Promise.all(contexts.map((context) => context.eval('function one() { return 1 }')))
    const exited = once(service, 'processExit')
    const stopped = pidOf(service)
    const generation = generationOf(service)

    await untilIdle(stopped)
    const before = performance.now()
    process.kill(stopped, 'SIGSTOP')
    const calls = contexts.flatMap((context) =>
      [1, 2].map(() => context.call('one', [], { timeout: TIMEOUT })),
    )
    const errors = await Promise.all(calls.map(failure))
    const elapsed = performance.now() - before

    assert.ok(elapsed < LENIENCE, `answered after ${elapsed} ms`)
    const [first, ...others] = errors
    assert.ok(first instanceof VmTimeoutError, String(first))
    assert.deepEqual([first.phase, first.contextSurvived], ['run', false])
    for (const error of others) {
      assert.ok(error instanceof VmProcessError, String(error))
      assert.equal(error.exit.cause, 'unresponsive')
    }
    const [exit] = (await exited) as VmServiceEvents['processExit']
    assert.deepEqual(exit, {
      slot: 'slot-0',
      generation,
      exit: { code: null, signal: 'SIGKILL', cause: 'unresponsive' },
    })
    await using next = await service.createContext({ key: 'next' })
    assert.equal(await next.eval('40 + 2'), 42)
    assert.notEqual(pidOf(service), stopped)
  })

  it('is killed also when all its calls wait for promises', async () => {
    const service = await sharedService()
    const context = await service.createContext()
    const pending = failure(context.eval('new Promise(() => {})', { timeout: TIMEOUT }))
    // Its answer is proof that the call before it waits.
    assert.equal(await context.eval('1'), 1)
    process.kill(pidOf(service), 'SIGSTOP')
    assert.ok((await pending) instanceof VmTimeoutError)
    const signal = AbortSignal.timeout(LENIENCE)
    // Keeps this program alive: a service that is owed nothing does not.
    const waiting = setInterval(() => {}, 1000)
    const exited = once(service, 'processExit', { signal }).finally(() => clearInterval(waiting))
    const [{ exit }] = (await exited) as VmServiceEvents['processExit']
    assert.equal(exit.cause, 'unresponsive')
  })
})

describe('a process that is stuck in native code', () => {
  it('is killed past the grace; the culprit is told, its neighbours are collateral', async () => {
    const service = await sharedService()
    const culprit = await witness(service, 'stuck')
    const neighbour = await witness(service, 'beside it')
    const lost = once(service, 'contextLost')
    const exits = record(service, 'processExit')

    const generation = generationOf(service)
    const stuck = failure(culprit.context.eval(STUCK, { timeout: TIMEOUT }))
    const behind = failure(culprit.context.eval('1'))
    const beside = failure(neighbour.context.eval('1'))

    const timeout = await stuck
    assert.ok(timeout instanceof VmTimeoutError, String(timeout))
    assert.deepEqual(
      [timeout.phase, timeout.timeout, timeout.contextSurvived],
      ['run', TIMEOUT, false],
    )
    const exit = { code: null, signal: 'SIGKILL', cause: 'unresponsive' }
    for (const [error, role] of [
      [await behind, 'culprit'],
      [await beside, 'collateral'],
    ] as const) {
      assert.ok(error instanceof VmProcessError, String(error))
      assert.deepEqual([error.role, error.exit], [role, exit])
    }
    const [report] = (await lost) as VmServiceEvents['contextLost']
    assert.deepEqual(report, {
      contexts: [
        { id: culprit.context.id, role: 'culprit' },
        { id: neighbour.context.id, role: 'collateral' },
      ],
      slot: 'slot-0',
      generation,
      exit,
    })
    assert.equal(exits.length, 1)
    const again = await witness(service, 'again', 'again')
    await again.check()
  })

  it('does not outlive the service', async () => {
    const service = await startService()
    const context = await service.createContext()
    const stuck = failure(context.eval(STUCK, { timeout: Infinity }))
    const exited = once(service, 'processExit')
    await service.close({ force: true })
    await stuck
    await exited
  })
})

describe('a crash', () => {
  it('takes one process, names the culprit, and the slot answers again', async () => {
    await using service = await startService({ processes: 2 })
    const culprit = await witness(service, 'crash', 'a')
    const neighbour = await witness(service, 'beside it', 'a')
    const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`)
    const others = await Promise.all(keys.map((key) => witness(service, key, key)))
    const elsewhere = others.filter(({ context }) => context.slot !== culprit.context.slot)
    assert.ok(elsewhere.length > 0)
    const lost = once(service, 'contextLost')

    const error = await rejection(culprit.context.eval(CRASH), VmProcessError)
    assert.deepEqual([error.role, error.exit.cause], ['culprit', 'crash'])
    assert.match(error.message, /fatal/i)

    const [{ contexts, slot, exit }] = (await lost) as VmServiceEvents['contextLost']
    assert.equal(slot, culprit.context.slot)
    assert.equal(exit.cause, 'crash')
    const roles = new Map(contexts.map(({ id, role }) => [id, role]))
    assert.equal(roles.get(culprit.context.id), 'culprit')
    assert.equal(roles.get(neighbour.context.id), 'collateral')
    assert.equal([...roles.values()].filter((role) => role === 'culprit').length, 1)
    assert.equal(roles.size, 2 + others.length - elsewhere.length)
    for (const { check } of elsewhere) await check()
    const key = others.find(({ context }) => context.slot === slot)?.context.id.split('/')[0]
    assert.ok(key !== undefined)
    const again = await witness(service, 'again', key)
    assert.equal(again.context.slot, slot)
    await again.check()
  })
})
