import assert from 'node:assert/strict'
import test from 'node:test'
import { chaos } from './chaos.js'

test('under chaos every call settles, with its own context`s answer, and nothing is left', async (t) => {
  const seed = Date.now() % 2 ** 31
  t.diagnostic(`seed ${seed}`)
  const report = await chaos({ seed, duration: 20_000, calls: 0, calm: true })
  t.diagnostic(JSON.stringify({ ...report, heap: undefined }))
  // How many there are is up to the machine: that there were some, in between.
  assert.ok((report.outcomes.ok ?? 0) > 100)
  assert.ok(Object.keys(report.mischief).length > 3)
})
