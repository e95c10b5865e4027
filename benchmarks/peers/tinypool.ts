import Tinypool from 'tinypool'
import type { Peer } from '../support/peer.js'
import { versionOf } from '../support/versions.js'

const CHILD = new URL('./pool-child.js', import.meta.url).href

export const peers: Peer[] = [
  {
    name: 'tinypool',
    description: `${versionOf('tinypool')}; one process with 256 concurrent tasks`,
    apart: 'process',
    async start() {
      const pool = new Tinypool({
        runtime: 'child_process',
        filename: CHILD,
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: 256,
      })
      const options = { name: 'add' }
      return {
        call: (a, b) => pool.run([a, b], options) as Promise<number>,
        stop: () => pool.destroy(),
      }
    },
  },
]
