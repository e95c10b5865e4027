/** Three ways for a call to take too long, and what the caller gets. */
import { setTimeout as delay } from 'node:timers/promises'
import { VmService, VmTimeoutError } from 'vmring'

await using service = await VmService.start({ processes: 1, spares: 0, timeout: 1000 })

/** Says how a call failed; a timeout tells whether its context is still there. */
async function report(what: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(`${what}: ${await call}`)
  } catch (error) {
    if (error instanceof VmTimeoutError) {
      const context = error.contextSurvived ? 'its context lives on' : 'its context is gone'
      console.log(`${what}: stopped after ${error.timeout} ms; ${context}`)
    } else {
      console.log(`${what}: ${error}`)
    }
  }
}

const patient = await service.ensureContext({ id: 'patient' })
await report('a promise that never settles', patient.eval('new Promise(() => {})', { timeout: 50 }))

const caller = new AbortController()
const abandoned = report(
  'a caller who gives up',
  patient.eval('new Promise(() => {})', { signal: caller.signal }),
)
await delay(20)
caller.abort(new Error('no longer needed'))
await abandoned

await report('an endless loop', patient.eval('while (true) {}', { timeout: 50 }))

// The same context when it survived, otherwise a new one under the same ID.
const again = await service.ensureContext({ id: 'patient' })
await report('afterwards, 6 * 7', again.eval('6 * 7'))
