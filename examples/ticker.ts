/**
 * Plug-ins that run by themselves. With `timers: 'context'` their intervals outlive the calls that set
 * them; they end with their context, and their neighbours in the same process go on.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { VmService } from 'vmring'

/** What a plug-in is made of: it asks, keeps what it needs, and tells. */
const smooth = `
  const last = []
  async function tick() {
    const reading = await host.reading()
    last.push(reading)
    if (last.length > 4) last.shift()
    const mean = last.reduce((sum, value) => sum + value) / last.length
    if (Math.abs(reading - mean) > 5) console.warn('%d is far from the mean', reading)
    await host.report({ mean })
  }
  setInterval(() => tick().catch((error) => console.error(error)), 20)`

const peak = `
  let highest = -Infinity
  async function tick() {
    const reading = await host.reading()
    if (reading > highest) console.log('a new peak')
    highest = Math.max(highest, reading)
    await host.report({ highest })
  }
  setInterval(() => tick().catch((error) => console.error(error)), 20)`

const READINGS = [20, 21, 19, 20, 32, 21, 20]
const PATIENCE = 5000

/** How many readings each has asked for, and what it reported. */
const asked = new Map<string, number>()
const reports = new Map<string, unknown[]>()

function show(id: string, what: string, text: string): void {
  console.log(`${id.padEnd(8)}${what.padEnd(8)}${text}`)
}

await using service = await VmService.start({
  processes: 1,
  timers: 'context',
  functions: {
    reading() {
      const count = asked.get(this.contextId) ?? 0
      asked.set(this.contextId, count + 1)
      return READINGS[count % READINGS.length]
    },
    report(report: unknown) {
      reports.set(this.contextId, [...reportsOf(this.contextId), report])
      show(this.contextId, 'report', JSON.stringify(report))
    },
  },
  console: ({ contextId, level, text }) => show(contextId, level, text),
})

function reportsOf(id: string): readonly unknown[] {
  return reports.get(id) ?? []
}

/** Waits for so many reports. Timers of contexts keep no program alive: that is up to the host. */
async function reported(id: string, count: number): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (reportsOf(id).length < count) {
    assert.ok(performance.now() < deadline, `${id} has stopped ticking`)
    await delay(1)
  }
}

const first = await service.ensureContext({ id: 'smooth', init: [{ source: smooth }] })
const second = await service.ensureContext({ id: 'peak', init: [{ source: peak }] })
assert.equal(first.slot, second.slot)
await Promise.all([reported('smooth', 5), reported('peak', 5)])

await first.destroy()
const before = { smooth: reportsOf('smooth').length, peak: reportsOf('peak').length }
console.log('\nsmooth is destroyed')
await reported('peak', before.peak + 4)
await second.destroy()

const after = { smooth: reportsOf('smooth').length, peak: reportsOf('peak').length }
console.log('\nreports since then:')
console.log(`smooth  ${after.smooth - before.smooth}`)
console.log(`peak    ${after.peak - before.peak}`)
assert.equal(after.smooth, before.smooth)
assert.deepEqual(
  reportsOf('smooth').slice(0, 5),
  [20, 20.5, 20, 20, 23].map((mean) => ({ mean })),
)
