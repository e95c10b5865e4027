import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type VmContext, VmScriptError, type VmService } from 'vmring'
import { anyService } from '../support/service.js'

/** Nothing survives from one run of a start-up source to the next, so chance must decide. */
const init = [{ source: 'if (Math.random() < 0.5) throw new RangeError("unlucky")' }]

/** Repeats until it works: 2^-40 that it does not. */
async function lucky(service: VmService): Promise<VmContext> {
  for (let i = 0; i < 40; i++) {
    const context = await service.createContext({ init }).catch(() => undefined)
    if (context) return context
  }
  return assert.fail('no creation succeeded')
}

/** Resets until one fails; `before` runs ahead of each. */
async function failedReset(context: VmContext, before: () => Promise<unknown>): Promise<unknown> {
  for (let i = 0; i < 40; i++) {
    await before()
    try {
      await context.reset()
    } catch (error) {
      return error
    }
    assert.equal(await context.eval('typeof mark'), 'undefined')
  }
  return assert.fail('no reset failed')
}

test('a reset whose start-up source throws keeps the old global scope', async () => {
  const service = await anyService()
  const context = await lucky(service)
  const error = await failedReset(context, () => context.eval('globalThis.mark = 1'))
  assert.ok(error instanceof VmScriptError)
  assert.equal(error.message, 'RangeError: unlucky')
  assert.equal(await context.eval('mark'), 1)
  assert.equal(context.signal.aborted, false)
})

test('calls that await in the old global scope go on after a failed reset', async () => {
  const service = await anyService()
  const context = await lucky(service)
  let waiting: Promise<unknown> | undefined
  await failedReset(context, async () => {
    waiting = context.eval('mark = 1; new Promise((resolve) => { release = resolve })')
    // A reset that succeeds gives it up.
    waiting.catch(() => {})
  })
  await context.eval('release("kept")')
  assert.equal(await waiting, 'kept')
})
