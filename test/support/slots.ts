import assert from 'node:assert/strict'
import type { VmService, VmServiceEvents } from 'vmring'
import { Ring } from '../../src/ring/hash-ring.js'

const LONGEST_WAIT = 60_000

/** A key, other than `not`, that the ring of a service with so many processes maps to that slot. */
export function keyOn(slot: string, processes: number, not?: string): string {
  const ring = new Ring(Array.from({ length: processes }, (_, i) => `slot-${i}`))
  for (let i = 0; ; i++) {
    const key = `key-${i}`
    if (key !== not && ring.slotOf(key) === slot) return key
  }
}

export function pidOf(service: VmService, slot = 'slot-0'): number {
  const pid = service.stats().slots.find(({ name }) => name === slot)?.pid
  assert.ok(pid !== undefined, `${slot} has no process`)
  return pid
}

/** Resolves with the next event of that name for a slot. */
export async function next<E extends 'processStart' | 'processExit' | 'degraded' | 'recovered'>(
  service: VmService,
  name: E,
  slot = 'slot-0',
): Promise<VmServiceEvents[E][0]> {
  return await new Promise((resolve, reject) => {
    // Holds the program meanwhile, which an idle service does not.
    const timer = setTimeout(() => reject(new Error(`no ${name} of ${slot}`)), LONGEST_WAIT)
    const listen = (event: { slot: string }): void => {
      if (event.slot !== slot) return
      clearTimeout(timer)
      service.off(name, listen as never)
      resolve(event as VmServiceEvents[E][0])
    }
    service.on(name, listen as never)
  })
}

/** Every event of that name from now on. */
export function record<E extends keyof VmServiceEvents>(
  service: VmService,
  name: E,
): VmServiceEvents[E][0][] {
  const events: VmServiceEvents[E][0][] = []
  service.on(name, ((event: VmServiceEvents[E][0]) => events.push(event)) as never)
  return events
}
