import { once } from 'node:events'
import type { VmService, VmServiceEvents } from 'vmring'

/**
 * The next event of that name. A service that has no call pending does not keep its program
 * alive: this does, until the event.
 */
export async function eventOf<E extends keyof VmServiceEvents>(
  service: VmService,
  name: E,
): Promise<VmServiceEvents[E][0]> {
  const alive = setInterval(() => {}, 60_000)
  try {
    const [event] = await once(service, name)
    return event as VmServiceEvents[E][0]
  } finally {
    clearInterval(alive)
  }
}
