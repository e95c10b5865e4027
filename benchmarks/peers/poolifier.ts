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
      return {
        call: (a, b) => pool.execute([a, b]),
        stop: () => pool.destroy(),
      }
    },
  },
]
