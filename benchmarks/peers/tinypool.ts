import Tinypool from 'tinypool'
import type { Peer } from '../support/peer.js'
import { versionOf } from '../support/versions.js'

const CHILD = new URL('./pool-child.js', import.meta.url).href

function peerWith(
  name: string,
  description: string,
  options: { readonly concurrentTasksPerWorker?: number },
): Peer {
  return {
    name,
    description: `${versionOf('tinypool')}; ${description}`,
    apart: 'process',
    async start() {
      const pool = new Tinypool({
        runtime: 'child_process',
        filename: CHILD,
        minThreads: 1,
        maxThreads: 1,
        ...options,
      })
      const add = { name: 'add' }
      return {
        call: (a, b) => pool.run([a, b], add) as Promise<number>,
        stop: () => pool.destroy(),
      }
    },
  }
}

export const peers: Peer[] = [
  peerWith('tinypool', 'one process with 256 concurrent tasks', { concurrentTasksPerWorker: 256 }),
  peerWith('tinypool, defaults', 'one process, otherwise as it comes: one task at a time', {}),
]
