import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmInvalidContextError, VmProcessError, VmService, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { next, pidOf, record } from '../support/slots.js'

// A missed deadline ends the whole process. Everything here describes what that takes with it.

test('a hang ends its process, and the slot gets another', async () => {
  await using service = await VmService.start({ processes: 1 })
  const context = await service.createContext()
  const pid = pidOf(service)
  const exit = next(service, 'processExit')
  const start = next(service, 'processStart')
  const error = await rejection(context.eval('while (true) {}', { timeout: 100 }), VmTimeoutError)
  assert.equal(error.contextSurvived, false)
  assert.deepEqual((await exit).exit, { code: null, signal: 'SIGKILL', cause: 'unresponsive' })
  assert.equal((await start).generation, 2)
  assert.notEqual(pidOf(service), pid)
  assert.ok(context.signal.reason instanceof VmInvalidContextError)
  assert.equal(context.signal.reason.reason, 'process-exit')
})

test('contexts that shared the process are reported as collateral', async () => {
  await using service = await VmService.start({ processes: 1 })
  const lost = record(service, 'contextLost')
  const culprit = await service.createContext({ id: 'culprit' })
  const neighbour = await service.createContext({ id: 'neighbour' })
  const waiting = rejection(neighbour.eval('new Promise(() => {})'), VmProcessError)
  await rejection(culprit.eval('while (true) {}', { timeout: 100 }), VmTimeoutError)
  const error = await waiting
  assert.equal(error.role, 'collateral')
  assert.equal(error.exit.cause, 'unresponsive')
  assert.equal(lost.length, 1)
  assert.deepEqual(
    lost[0]?.contexts.toSorted((a, b) => a.id.localeCompare(b.id)),
    [
      { id: 'culprit', role: 'culprit' },
      { id: 'neighbour', role: 'collateral' },
    ],
  )
})
