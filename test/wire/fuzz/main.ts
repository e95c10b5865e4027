/** The long run: `node --expose-gc dist/test/wire/fuzz/main.js [frames] [seed]`. */
import assert from 'node:assert/strict'
import { fuzz } from './fuzz.js'

const [frames = '1000000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2)
console.log(`seed ${seed}, ${frames} frames`)
const begun = performance.now()
const heap: number[] = []
const report = fuzz({
  frames: Number(frames),
  seed: Number(seed),
  progress: ({ frames: done }) => {
    globalThis.gc?.()
    heap.push(process.memoryUsage().heapUsed / 1024 / 1024)
    console.log(`${done} frames, heap ${heap.at(-1)?.toFixed(1)} MiB`)
  },
})
console.log(JSON.stringify(report, undefined, 2))
const rss = process.resourceUsage().maxRSS / 1024
console.log(`${((performance.now() - begun) / 1000).toFixed(1)} s, at most ${rss.toFixed(0)} MiB`)
const [early, late] = [heap[1], heap.at(-1)]
if (globalThis.gc && early && late) assert.ok(late < early * 1.2, 'the heap grows')
