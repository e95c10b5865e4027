import { VmService } from '../../src/index.js'
import type { Build } from '../support/builds.js'
import { OURS, type Peer } from '../support/peer.js'

/** A build of vmring as a peer: this one, or one to compare it with. */
export function peerOf(build: Build): Peer {
  return {
    name: build.name,
    description: 'one context in the one process of a service, with the default timeout',
    apart: 'process',
    mirrors: true,
    async start() {
      const service = await build.VmService.start({ processes: 1, spares: 0 })
      const context = await service.createContext()
      await context.eval('function add(a, b) { return a + b }; function mirror(it) { return it }')
      return {
        call: (a, b) => context.call<number>('add', [a, b]),
        mirror: (value) => context.call('mirror', [value]),
        stop: () => service.close(),
      }
    },
  }
}

export const peers: Peer[] = [peerOf({ name: OURS, VmService })]
