import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonic } from '../../src/worker/deadline-cell.js'

const NS_PER_US = 1000n

test('every thread reads the same clock, to a fraction of a millisecond', () => {
  // Threads that differ by a millisecond end turns of one millisecond when they begin.
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 1000; i++) {
    const system = Number(process.hrtime.bigint() / NS_PER_US) / 1000
    const difference = monotonic() - system
    if (Math.abs(difference) < Math.abs(nearest)) nearest = difference
  }
  assert.ok(Math.abs(nearest) < 0.02, `off by ${nearest} ms`)
})
