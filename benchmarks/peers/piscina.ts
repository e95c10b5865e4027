import { FixedQueue, Piscina } from 'piscina'
import type { Peer } from '../support/peer.js'
import { versionOf } from '../support/versions.js'

const CHILD = new URL('./pool-child.js', import.meta.url).href

type Options = NonNullable<ConstructorParameters<typeof Piscina>[0]>

function peerWith(name: string, description: string, options: Options): Peer {
  return {
    name,
    description: `${versionOf('piscina')}; ${description}`,
    apart: 'thread',
    mirrors: 'concurrentTasksPerWorker' in options,
    async start() {
      const pool = new Piscina({ filename: CHILD, minThreads: 1, maxThreads: 1, ...options })
      const add = { name: 'add' }
      const mirror = { name: 'mirror' }
      return {
        call: (a, b) => pool.run([a, b], add) as Promise<number>,
        mirror: (value) => pool.run(value, mirror),
        stop: () => pool.destroy(),
      }
    },
  }
}

export const peers: Peer[] = [
  // Where more calls are in flight than tasks are concurrent, its queue costs more than the calls.
  peerWith('piscina', 'one thread with 256 concurrent tasks, its fixed queue, no timing', {
    concurrentTasksPerWorker: 256,
    taskQueue: new FixedQueue(),
    recordTiming: false,
  }),
  peerWith('piscina, defaults', 'one thread, otherwise as it comes: one task at a time', {}),
]
