import { fork, type SerializationType } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Peer, RunningPeer } from '../support/peer.js'

const CHILD = fileURLToPath(new URL('./child-process-child.js', import.meta.url))

type Resolve = (value: unknown) => void

async function start(serialization: SerializationType): Promise<RunningPeer> {
  const child = fork(CHILD, { serialization, execArgv: [] })
  const pending: (Resolve | undefined)[] = []
  const free: number[] = []
  child.on('message', ({ call, value }: { call: number; value: unknown }) => {
    const resolve = pending[call]
    free.push(call)
    resolve?.(value)
  })
  const exited = once(child, 'exit')
  const request = (message: object): Promise<unknown> =>
    new Promise((resolve) => {
      const call = free.pop() ?? pending.length
      pending[call] = resolve
      child.send({ call, ...message })
    })
  return {
    call: (a, b) => request({ args: [a, b] }) as Promise<number>,
    mirror: (value) => request({ value }),
    async stop() {
      child.disconnect()
      await exited
    },
  }
}

export const peers: Peer[] = (['json', 'advanced'] as const).map((serialization) => ({
  name: `child_process, ${serialization}`,
  description: `Node's own IPC to one process, with \`serialization: '${serialization}'\``,
  apart: 'process',
  // Binary data is not what JSON can carry.
  mirrors: serialization === 'advanced',
  start: () => start(serialization),
}))
