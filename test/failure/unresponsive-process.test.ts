import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmInvalidContextError, VmProcessError, VmService, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { children } from '../support/processes.js'
import { next, pidOf, record } from '../support/slots.js'

// A stopped process answers nothing and ends no turn of its own: only the service's clock is left.

test('a process that is stopped is killed, and the slot gets another', async () => {
  await using service = await VmService.start({ processes: 1 })
  const lost = record(service, 'contextLost')
  const culprit = await service.createContext({ id: 'culprit' })
  const neighbour = await service.createContext({ id: 'neighbour' })
  const waiting = rejection(neighbour.eval('new Promise(() => {})'), VmProcessError)
  assert.equal(await neighbour.eval('1'), 1)
  const pid = pidOf(service)
  const exit = next(service, 'processExit')
  const start = next(service, 'processStart')

  process.kill(pid, 'SIGSTOP')
  const error = await rejection(culprit.eval('1', { timeout: 100 }), VmTimeoutError)
  assert.equal(error.phase, 'run')
  assert.equal(error.contextSurvived, false)
  assert.deepEqual((await exit).exit, { code: null, signal: 'SIGKILL', cause: 'unresponsive' })
  assert.equal((await waiting).role, 'collateral')
  assert.equal((await waiting).exit.cause, 'unresponsive')
  assert.equal((await start).generation, 2)
  assert.notEqual(pidOf(service), pid)

  assert.equal(lost.length, 1)
  assert.deepEqual(
    new Map(lost[0]?.contexts.map(({ id, role }) => [id, role])),
    new Map([
      ['culprit', 'culprit'],
      ['neighbour', 'collateral'],
    ]),
  )
  assert.ok(culprit.signal.reason instanceof VmInvalidContextError)
  assert.equal(culprit.signal.reason.reason, 'process-exit')
})

test('a process that is stopped while idle does not hold up close', async () => {
  const service = await VmService.start({ processes: 1 })
  process.kill(pidOf(service), 'SIGSTOP')
  await service.close()
  assert.deepEqual(children(), [])
})
