import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startService } from '../support/service.js'
import { pidOf } from '../support/slots.js'

const INTERVAL = 300

/** How often the threads of a process have gone to sleep. */
function rests(pid: number): number {
  const counts = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1])
  })
  return counts.reduce((sum, count) => sum + count, 0)
}

test('a process that nobody calls comes to rest, and wakes for a turn without an end', async () => {
  await using service = await startService({ timeout: 200 })
  const context = await service.createContext()
  for (let tries = 0; ; tries++) {
    const before = rests(pidOf(service))
    await delay(INTERVAL)
    // Awake, the watchdog looks thirty times in that time.
    if (rests(pidOf(service)) - before <= 5) break
    assert.ok(tries < 30, 'it is still awake')
  }
  await assert.rejects(context.eval('for (;;);'), { code: 'ERR_VM_TIMEOUT', contextSurvived: true })
})
