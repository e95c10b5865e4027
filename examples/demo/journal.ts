import { setTimeout as delay } from 'node:timers/promises'
import type { VmService, VmServiceEvents } from 'vmring'
import { ExpectationError } from './check.js'

/** An event with the time it came, on the clock of `performance.now()`. */
type Noted<E extends keyof VmServiceEvents> = VmServiceEvents[E][0] & { readonly at: number }

const PATIENCE = 5000

/** Notes what a service tells, so that nothing is missed by looking later. */
export class Journal {
  readonly lost: Noted<'contextLost'>[] = []
  readonly started: Noted<'processStart'>[] = []
  readonly collected: Noted<'contextCollected'>[] = []

  constructor(service: VmService) {
    const now = () => performance.now()
    service.on('contextLost', (event) => this.lost.push({ ...event, at: now() }))
    service.on('processStart', (event) => this.started.push({ ...event, at: now() }))
    service.on('contextCollected', (event) => this.collected.push({ ...event, at: now() }))
  }
}

/** Waits until something is there, for some seconds at most. */
export async function until<T>(expectation: string, find: () => T | undefined): Promise<T> {
  const end = performance.now() + PATIENCE
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (performance.now() > end) throw new ExpectationError(expectation)
    await delay(1)
  }
}
