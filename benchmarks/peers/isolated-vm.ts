import { createRequire } from 'node:module'
import type { Peer } from '../support/peer.js'
import { versionOf } from '../support/versions.js'

/** In ms and MiB: what vmring has by default. */
const TIMEOUT = 5000
const MEMORY_LIMIT = 512

/** What is used of isolated-vm, which is not there on every machine. */
interface IsolatedVm {
  Isolate: new (
    options: object,
  ) => {
    readonly isDisposed: boolean
    createContext(): Promise<IvmContext>
    dispose(): void
  }
}

interface IvmContext {
  readonly global: { get(name: string, options: object): Promise<Reference> }
  eval(source: string): Promise<unknown>
}

interface Reference {
  apply(self: undefined, args: unknown[], options: object): Promise<unknown>
}

// `require`, because that looks into NODE_PATH as well: another folder's install will do.
const require = createRequire(import.meta.url)

export const peers: Peer[] = [
  {
    name: 'isolated-vm',
    description: `${versionOf('isolated-vm')}; an isolate in this process: asynchronous calls with \`timeout: ${TIMEOUT}\``,
    apart: 'thread',
    mirrors: true,
    missing() {
      try {
        require('isolated-vm')
        return undefined
      } catch (error) {
        return String((error as Error).message.split('\n')[0])
      }
    },
    async start() {
      const { Isolate } = require('isolated-vm') as IsolatedVm
      const isolate = new Isolate({ memoryLimit: MEMORY_LIMIT })
      const context = await isolate.createContext()
      await context.eval('function add(a, b) { return a + b }; function mirror(it) { return it }')
      const add = await context.global.get('add', { reference: true })
      const mirror = await context.global.get('mirror', { reference: true })
      const primitives = { timeout: TIMEOUT }
      const copies = { ...primitives, arguments: { copy: true }, result: { copy: true } }
      return {
        call: (a, b) => add.apply(undefined, [a, b], primitives) as Promise<number>,
        mirror: (value) => mirror.apply(undefined, [value], copies),
        async stop() {
          // It is when it has passed its limit: what failed for that is to be told, not this.
          if (!isolate.isDisposed) isolate.dispose()
        },
      }
    },
  },
]
