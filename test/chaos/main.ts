/**
 * The long run: `node --expose-gc dist/test/chaos/main.js [minutes] [calls] [seed]`. Stops by
 * itself, and fails when anything is wrong.
 */
import assert from 'node:assert/strict'
import { type ChaosReport, chaos } from './chaos.js'

const [minutes = '10', calls = '1000000', seed = String(Date.now() % 2 ** 31)] =
  process.argv.slice(2)
console.log(`seed ${seed}, ${minutes} min, at least ${calls} calls`)
// Requests that are about to end, such as the closing of a file, are no leak.
const resources = (): string =>
  JSON.stringify(
    process
      .getActiveResourcesInfo()
      .filter((name) => name !== 'CloseReq')
      .sort(),
  )
const before = resources()

const report = await chaos({
  seed: Number(seed),
  duration: Number(minutes) * 60_000,
  calls: Number(calls),
  progress: ({ calls: done, heap }) =>
    console.log(`${done} calls, heap ${mebibytes(heap.at(-1) ?? 0)}`),
})
const { heap, ...counts } = report
console.log(JSON.stringify(counts, undefined, 2))
const [early, late] = [median(heap, 0.25, 0.5), median(heap, 0.75, 1)]
console.log(`heap: ${mebibytes(early)} in the second quarter, ${mebibytes(late)} in the last`)
console.log(`resources before ${before}, after ${resources()}`)
assert.equal(resources(), before)
assert.ok(report.calls >= Number(calls), 'too few calls')
assert.ok(late < early * 1.2, 'the heap grows')

function median(samples: ChaosReport['heap'], from: number, to: number): number {
  const part = samples.slice(samples.length * from, samples.length * to).sort((a, b) => a - b)
  return part[part.length >> 1] ?? 0
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
