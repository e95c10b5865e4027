import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmTimeoutError } from 'vmring'
import { serviceForAll } from '../support/service.js'

const strictService = serviceForAll({ killGrace: 200 })

/** Sends, in one write, a call that is withdrawn before it starts and another one after it. */
async function afterWithdrawn(withdrawnTimeout: number, source: string, timeout: number) {
  const service = await strictService()
  const context = await service.createContext()
  const caller = new AbortController()
  const withdrawn = context.eval('1', { signal: caller.signal, timeout: withdrawnTimeout })
  caller.abort(new Error('no longer needed'))
  const next = context.eval(source, { timeout })
  await assert.rejects(withdrawn, /no longer needed/)
  return await next
}

test('a call is not stopped by the smaller budget of one withdrawn before it', async () => {
  // Past the smaller budget and the grace.
  const busy = 'for (const end = Date.now() + 500; Date.now() < end; );\n"done"'
  assert.equal(await afterWithdrawn(50, busy, 10_000), 'done')
})

test('a call is stopped by its own budget, not by that of one withdrawn before it', async () => {
  await assert.rejects(
    afterWithdrawn(3000, 'while (true) {}', 50),
    (error) => error instanceof VmTimeoutError && error.timeout === 50 && error.phase === 'run',
  )
})
