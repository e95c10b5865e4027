import { fileURLToPath } from 'node:url'
import workerpool from 'workerpool'
import type { Peer } from '../support/peer.js'
import { versionOf } from '../support/versions.js'

const CHILD = fileURLToPath(new URL('./workerpool-child.js', import.meta.url))

function peerWith(workerType: 'process' | 'thread', description: string): Peer {
  return {
    name: `workerpool, ${workerType}`,
    description: `${versionOf('workerpool')}; ${description}`,
    apart: workerType,
    async start() {
      const pool = workerpool.pool(CHILD, { workerType, minWorkers: 1, maxWorkers: 1 })
      return {
        call: async (a, b) => (await pool.exec('add', [a, b])) as number,
        stop: async () => void (await pool.terminate()),
      }
    },
  }
}

export const peers: Peer[] = [
  peerWith('process', 'one process; it gives a worker one task at a time'),
  peerWith('thread', 'one thread; it gives a worker one task at a time'),
]
