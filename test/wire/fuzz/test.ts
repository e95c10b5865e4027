import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.js'

test('whatever a process sends ends in values and typed errors', (t) => {
  const seed = Date.now() % 2 ** 31
  t.diagnostic(`seed ${seed}`)
  const report = fuzz({ frames: 5000, seed })
  t.diagnostic(JSON.stringify(report))
  assert.ok((report.outcomes.FrameError ?? 0) > 100)
  assert.ok((report.outcomes.ERR_VM_SERIALIZATION ?? 0) > 100)
  assert.ok((report.outcomes['reply to 5'] ?? 0) > 10)
})
