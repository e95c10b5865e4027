import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { VmInvalidContextError, VmProcessError, type VmService, VmTimeoutError } from 'vmring'
import { rejection, rejections } from '../support/outcomes.js'
import { children, until, untilBusy, untilIdle } from '../support/processes.js'
import { serviceForAll, startService } from '../support/service.js'
import { keyOn, next, pidOf, record } from '../support/slots.js'
import { ABORT, CRASH } from '../watchdog/support.js'

const victims = keyOn('slot-0', 2)
const others = keyOn('slot-1', 2)

/** The slot whose process dies. */
function slotOf(service: VmService): { pid: number; generation: number } {
  const { generation } = service.stats().slots.find(({ name }) => name === 'slot-0') ?? {}
  return { pid: pidOf(service), generation: generation ?? 0 }
}

describe('the death of one of two processes', () => {
  // Those that bring it about are to do so over and over, and from the ring.
  const sharedService = serviceForAll({
    processes: 2,
    timeout: 60_000,
    killGrace: 300,
    probation: 0,
    // Inside or outside of the operating system's wall, a death is one; inside there is more to it.
    sandbox: 'auto',
  })

  test('a script that aborts V8 is told apart from those it takes with it', async () => {
    const service = await sharedService()
    const lost = record(service, 'contextLost')
    const culprit = await service.createContext({ key: victims })
    const neighbour = await service.createContext({ key: victims })
    const waiting = rejection(neighbour.eval('new Promise(() => {})'), VmProcessError)
    const crash = rejection(culprit.eval(CRASH), VmProcessError)
    const behind = rejection(neighbour.eval('1'), VmProcessError)

    const error = await crash
    assert.equal(error.role, 'culprit')
    assert.equal(error.exit.cause, 'crash')
    for (const { role, exit } of [await waiting, await behind]) {
      assert.equal(role, 'collateral')
      assert.deepEqual(exit, error.exit)
    }
    assert.equal(lost.length, 1)
    assert.deepEqual(lost[0]?.exit, error.exit)
    assert.deepEqual(
      new Map(lost[0]?.contexts.map(({ id, role }) => [id, role])),
      new Map([
        [culprit.id, 'culprit'],
        [neighbour.id, 'collateral'],
      ]),
    )
    const gone = await rejection(neighbour.eval('1'), VmInvalidContextError)
    assert.equal(gone.reason, 'process-exit')
  })

  test('the slot answers again, and other slots are untouched', async () => {
    const service = await sharedService()
    const culprit = await service.createContext({ key: victims })
    await using other = await service.createContext({ key: others })
    const pid = pidOf(service, 'slot-1')
    const waiting = other.eval('count = 1; new Promise((resolve) => { release = resolve })')
    const { generation } = slotOf(service)
    const restart = next(service, 'processStart')
    await rejection(culprit.eval(ABORT), VmProcessError)
    assert.equal(await other.eval('release("kept"); ++count'), 2)
    assert.equal(await waiting, 'kept')
    assert.equal(pidOf(service, 'slot-1'), pid)
    await using successor = await service.createContext({ key: victims })
    assert.equal(await successor.eval('1 + 1'), 2)
    assert.equal((await restart).generation, generation + 1)
  })

  test('SIGKILL from outside settles every call in flight and reports every context', async () => {
    const service = await sharedService()
    const lost = record(service, 'contextLost')
    const contexts = await Promise.all(
      Array.from({ length: 7 }, () => service.createContext({ key: victims })),
    )
    const aborts: unknown[] = []
    for (const { signal } of contexts) {
      signal.addEventListener('abort', () => aborts.push(signal.reason))
    }
    const calls = contexts.flatMap((context) =>
      Array.from({ length: 7 }, () => context.eval('new Promise(() => {})')),
    )
    calls.push(contexts[3]?.eval('while (true) {}') as Promise<unknown>)
    assert.equal(calls.length, 50)
    await untilBusy(pidOf(service))
    assert.equal(service.stats().inFlight, 50)

    const { generation } = slotOf(service)
    const exit = next(service, 'processExit')
    process.kill(pidOf(service), 'SIGKILL')
    for (const error of await rejections(calls, VmProcessError)) {
      assert.equal(error.role, 'collateral')
      assert.deepEqual(error.exit, { code: null, signal: 'SIGKILL', cause: 'killed' })
    }
    assert.equal((await exit).generation, generation)

    assert.equal(lost.length, 1)
    assert.equal(lost[0]?.slot, 'slot-0')
    assert.deepEqual(
      lost[0]?.contexts.map(({ id }) => id).sort(),
      contexts.map(({ id }) => id).sort(),
    )
    assert.deepEqual([...new Set(lost[0]?.contexts.map(({ role }) => role))], ['collateral'])
    assert.equal(aborts.length, contexts.length)
    for (const context of contexts) {
      const reason: unknown = context.signal.reason
      assert.ok(reason instanceof VmInvalidContextError)
      assert.equal(reason.contextId, context.id)
      assert.equal(reason.reason, 'process-exit')
      const later = await rejection(context.eval('1'), VmInvalidContextError)
      assert.equal(later.reason, 'process-exit')
    }
    assert.equal(service.stats().inFlight, 0)
    assert.equal(service.stats().contexts, 0)
  })

  test('the slot answers new work, from another process', async () => {
    const service = await sharedService()
    const id = victims
    const context = await service.createContext({ id })
    await context.eval('globalThis.mark = 1')
    const { pid, generation } = slotOf(service)
    const restart = next(service, 'processStart')
    process.kill(pid, 'SIGKILL')
    assert.equal((await restart).generation, generation + 1)
    await using again = await service.ensureContext({ id })
    assert.equal(await again.eval('typeof mark'), 'undefined')
    assert.notEqual(pidOf(service), pid)
  })

  test('other slots notice nothing', async () => {
    const service = await sharedService()
    const lost = record(service, 'contextLost')
    const victim = await service.createContext({ key: victims })
    await using other = await service.createContext({ key: others })
    const pid = pidOf(service, 'slot-1')
    const waiting = other.eval('count = 41; new Promise((resolve) => { release = resolve })')
    const doomed = rejection(victim.eval('while (true) {}'), VmProcessError)
    await untilBusy(pidOf(service))
    process.kill(pidOf(service), 'SIGKILL')
    await doomed
    assert.equal(await other.eval('release("late"); ++count'), 42)
    assert.equal(await waiting, 'late')
    assert.equal(other.signal.aborted, false)
    assert.equal(pidOf(service, 'slot-1'), pid)
    assert.deepEqual(
      lost.flatMap(({ contexts }) => contexts.map(({ id }) => id)),
      [victim.id],
    )
  })

  // A stopped process answers nothing and ends no turn of its own: only the service's clock is left.

  test('a process that is stopped is killed, and the slot gets another', async () => {
    const service = await sharedService()
    const lost = record(service, 'contextLost')
    const culprit = await service.createContext({ key: victims })
    const neighbour = await service.createContext({ key: victims })
    const waiting = rejection(neighbour.eval('new Promise(() => {})'), VmProcessError)
    assert.equal(await neighbour.eval('1'), 1)
    const { pid, generation } = slotOf(service)
    const exit = next(service, 'processExit')
    const start = next(service, 'processStart')

    await untilIdle(pid)
    process.kill(pid, 'SIGSTOP')
    const error = await rejection(culprit.eval('1', { timeout: 100 }), VmTimeoutError)
    assert.equal(error.phase, 'run')
    assert.equal(error.contextSurvived, false)
    assert.deepEqual((await exit).exit, { code: null, signal: 'SIGKILL', cause: 'unresponsive' })
    assert.equal((await waiting).role, 'collateral')
    assert.equal((await waiting).exit.cause, 'unresponsive')
    assert.equal((await start).generation, generation + 1)
    assert.notEqual(pidOf(service), pid)

    assert.equal(lost.length, 1)
    assert.deepEqual(
      new Map(lost[0]?.contexts.map(({ id, role }) => [id, role])),
      new Map([
        [culprit.id, 'culprit'],
        [neighbour.id, 'collateral'],
      ]),
    )
    assert.ok(culprit.signal.reason instanceof VmInvalidContextError)
    assert.equal(culprit.signal.reason.reason, 'process-exit')
  })
})

test('close leaves no process behind, however many were killed, and one is stopped', async () => {
  const service = await startService({ spares: 1, sandbox: 'auto' })
  for (let i = 0; i < 2; i++) {
    const restart = next(service, 'processStart')
    process.kill(pidOf(service), 'SIGKILL')
    await restart
  }
  await until('the spare is back', () => service.stats().spares === 1)
  // Stopped while it is idle, it must not hold up the others.
  process.kill(pidOf(service), 'SIGSTOP')
  await service.close()
  assert.deepEqual(children(), [])
})
