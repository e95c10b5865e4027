import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmInvalidContextError, VmProcessError, VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { keyOn, next, pidOf, record } from '../support/slots.js'

/** V8 refuses to go on: no exception, no watchdog, the whole process is gone. */
const ABORT = '"x".repeat(2 ** 27).split("")'
const crashing = keyOn('slot-0', 2)

test('a script that aborts V8 is told apart from those it takes with it', async () => {
  await using service = await VmService.start({ processes: 2, spares: 0 })
  const lost = record(service, 'contextLost')
  const culprit = await service.createContext({ key: crashing })
  const neighbour = await service.createContext({ key: crashing })
  const waiting = rejection(neighbour.eval('new Promise(() => {})'), VmProcessError)
  const crash = rejection(culprit.eval(ABORT), VmProcessError)
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
  await using service = await VmService.start({ processes: 2, spares: 0 })
  const culprit = await service.createContext({ key: crashing })
  const other = await service.createContext({ key: keyOn('slot-1', 2) })
  const pid = pidOf(service, 'slot-1')
  const waiting = other.eval('count = 1; new Promise((resolve) => { release = resolve })')
  const restart = next(service, 'processStart')
  await rejection(culprit.eval(ABORT), VmProcessError)
  assert.equal(await other.eval('release("kept"); ++count'), 2)
  assert.equal(await waiting, 'kept')
  assert.equal(pidOf(service, 'slot-1'), pid)
  const successor = await service.createContext({ key: keyOn('slot-0', 2, crashing) })
  assert.equal(await successor.eval('1 + 1'), 2)
  assert.equal((await restart).generation, 2)
})
