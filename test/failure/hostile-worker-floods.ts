import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExitCause, VmProcessError, VmTimeoutError } from 'vmring'
import { hostile } from '../support/hostile.js'
import { rejection } from '../support/outcomes.js'
import { serviceForAll } from '../support/service.js'
import { keyOn, next } from '../support/slots.js'

// A process that sends more than anybody asked for must not keep the service busy, nor grow it.

const MIB = 1024 * 1024
let lines = 0
const anyService = serviceForAll({
  ...hostile('honest'),
  processes: 2,
  timeout: 400,
  functions: { never: () => {}, wait: () => {}, count: () => 1 },
  console: () => void lines++,
})

const floods: Record<string, ExitCause> = {
  'a flood of replies': 'protocol',
  'a flood of pressure': 'protocol',
  'a flood of turns aside': 'protocol',
  'a flood of evictions': 'protocol',
  'a flood of suspensions': 'protocol',
  'a flood of host calls': 'protocol',
  'a flood of timers': 'protocol',
  'a flood of lines': 'protocol',
  'complains for ever': 'unresponsive',
  'closes its socket': 'protocol',
}

for (const [name, cause] of Object.entries(floods)) {
  test(`a process that answers with ${name}`, async () => {
    const service = await anyService()
    const context = await service.createContext({ key: keyOn('slot-0', 2) })
    const neighbour = await service.createContext({ key: keyOn('slot-1', 2) })
    const exit = next(service, 'processExit')
    const before = process.memoryUsage().rss
    const call = context.eval(name, { timeout: cause === 'protocol' ? 10_000 : 200 })
    const outcome = call.then(
      () => 'answered',
      (error: unknown) => error,
    )
    // The service still serves others meanwhile.
    assert.equal(await neighbour.eval('ok', { timeout: 5000 }), 1)
    assert.equal((await exit).exit.cause, cause)
    const error = await outcome
    assert.ok(
      error instanceof VmProcessError || error instanceof VmTimeoutError || error === 'answered',
      String(error),
    )
    assert.ok(process.memoryUsage().rss - before < 100 * MIB)
    assert.ok(lines < 10_000, `${lines} lines`)
    await neighbour.destroy()
  })
}

test('a process that prints for ever, and answers, is kept until it does not', async () => {
  const service = await anyService()
  const context = await service.createContext({ key: keyOn('slot-0', 2) })
  const exit = next(service, 'processExit')
  assert.equal(await context.eval('prints for ever'), 1)
  await rejection(context.eval('silence', { timeout: 200 }), VmTimeoutError)
  assert.equal((await exit).exit.cause, 'unresponsive')
})
