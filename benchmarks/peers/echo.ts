import { fileURLToPath } from 'node:url'
import { startFramedChild } from '../support/framed-child.js'
import type { Peer } from '../support/peer.js'

const CHILD = fileURLToPath(new URL('./echo-child.js', import.meta.url))
const CONTEXT = 1

export const ADD = 1
export const MIRROR = 2

export const peers: Peer[] = [
  {
    name: 'echo',
    description: 'a bare process that adds what it reads from a framed socket: the physical limit',
    apart: 'process',
    mirrors: true,
    async start() {
      const { request, stop } = startFramedChild(CHILD)
      return {
        call: (a, b) => request(ADD, CONTEXT, [a, b]) as Promise<number>,
        mirror: (value) => request(MIRROR, CONTEXT, value),
        stop,
      }
    },
  },
]
