import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { VmDegradedError, type VmServiceEvents } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { serviceForAll } from '../support/service.js'
import { keyOn, next, pidOf, record } from '../support/slots.js'

/** Deaths within ten seconds that are put up with. */
const INTENSITY = 20

const sharedService = serviceForAll({ processes: 2, spares: 2 })

test('a slot whose process dies over and over backs off, says so, and recovers', async () => {
  const service = await sharedService()
  const key = keyOn('slot-0', 2)
  const exits = record(service, 'processExit')
  const degradations = record(service, 'degraded')
  const recovered = next(service, 'recovered')

  // Each process is killed as soon as the slot has it, until the slot takes none.
  const kill = ({ pid }: VmServiceEvents['processStart'][0]): void => {
    if (degradations.length === 0) process.kill(pid, 'SIGKILL')
  }
  service.on('processStart', kill)
  const alive = setInterval(() => {}, 1000)
  const refused = once(service, 'degraded').then(([event]) => {
    const { slot, retryAt } = event as VmServiceEvents['degraded'][0]
    assert.equal(slot, 'slot-0')
    assert.ok(retryAt > Date.now(), `${retryAt} is past`)
    return rejection(service.createContext({ key }), VmDegradedError)
  })
  process.kill(pidOf(service), 'SIGKILL')
  const { slot, retryAt } = await refused
  clearInterval(alive)
  assert.equal(slot, 'slot-0')
  assert.equal(retryAt, degradations[0]?.retryAt)
  assert.ok(exits.length > INTENSITY, `${exits.length} deaths`)
  for (const { exit } of exits) assert.equal(exit.cause, 'killed')

  await recovered
  assert.equal(degradations.length, 1)
  const context = await service.createContext({ key })
  assert.equal(await context.eval('40 + 2'), 42)
})

test('a slot that backs off leaves the others alone', async () => {
  const service = await sharedService()
  const sound = await service.createContext()
  await sound.eval('let n = 0')
  const victim = sound.slot === 'slot-0' ? 'slot-1' : 'slot-0'
  const degraded = next(service, 'degraded', victim)
  const recovered = next(service, 'recovered', victim)
  let over = false
  service.on('processStart', ({ slot, pid }) => {
    if (slot === victim && !over) process.kill(pid, 'SIGKILL')
  })
  process.kill(pidOf(service, victim), 'SIGKILL')
  await degraded
  over = true
  assert.equal(await sound.eval('++n'), 1)
  await recovered
  assert.equal(await sound.eval('++n'), 2)
})
