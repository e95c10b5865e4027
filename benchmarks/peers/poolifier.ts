import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { FixedThreadPool } from 'poolifier'
import type { Peer } from '../support/peer.js'
import { versionOf } from '../support/versions.js'

const CHILD = fileURLToPath(new URL('./poolifier-child.js', import.meta.url))

export const peers: Peer[] = [
  {
    name: 'poolifier',
    description: `${versionOf('poolifier')}; a fixed pool of one thread, without queue and events: tasks are sent at once`,
    apart: 'thread',
    async start() {
      const pool = new FixedThreadPool<[number, number], number>(1, CHILD, {
        enableEvents: false,
        enableTasksQueue: false,
      })
      const exited = Promise.all(pool.workerNodes.map(({ worker }) => once(worker, 'exit')))
      return {
        call: (a, b) => pool.execute([a, b]),
        // Its thread can end before the word that it will: then `destroy` waits for ever (5.3.2).
        stop: async () => void (await Promise.race([pool.destroy(), exited])),
      }
    },
  },
]
