import { VmService } from '../../src/index.js'
import type { Peer } from '../support/peer.js'

export const peer: Peer = {
  name: 'vmring',
  description: 'one context in the one process of a service, with the default timeout',
  async start() {
    const service = await VmService.start({ processes: 1, spares: 0 })
    const context = await service.createContext()
    await context.eval('function add(a, b) { return a + b }')
    return {
      call: (a, b) => context.call<number>('add', [a, b]),
      stop: () => service.close(),
    }
  },
}
