import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmTimeoutError } from 'vmring'
import { rejections } from '../support/outcomes.js'
import { serviceForAll } from '../support/service.js'

const impatientService = serviceForAll({ queueTimeout: 100 })
/** Busy for longer than that. */
const BUSY = 'for (const end = Date.now() + 250; Date.now() < end; );'

for (const [where, count] of [
  ['in the process', 10],
  ['in the service', 200],
] as const) {
  test(`calls that wait ${where} too long are given up, and never run`, async () => {
    const service = await impatientService()
    const context = await service.createContext()
    const busy = await service.createContext()
    await context.eval('ran = 0; function run() { ran++ }')
    const running = busy.eval(BUSY)
    const calls = Array.from({ length: count }, () => context.call('run'))
    for (const error of await rejections(calls, VmTimeoutError)) {
      assert.equal(error.phase, 'queue')
      assert.equal(error.timeout, 100)
      assert.equal(error.contextSurvived, true)
    }
    await running
    assert.equal(await context.eval('ran'), 0)
  })
}

test('a call that started in time is not given up, however long it runs or awaits', async () => {
  const service = await impatientService()
  const context = await service.createContext()
  const waiting = context.eval('new Promise((resolve) => { release = resolve })')
  const running = context.eval(`${BUSY} 'done'`)
  assert.equal(await running, 'done')
  await context.eval('release("released")')
  assert.equal(await waiting, 'released')
})
