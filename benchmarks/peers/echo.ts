import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Packr } from 'msgpackr'
import { FrameBatch, frameReader } from '../support/frames.js'
import type { Peer } from '../support/peer.js'

const CHILD = fileURLToPath(new URL('./echo-child.js', import.meta.url))
const CALL = 1
const CONTEXT = 1

export const peer: Peer = {
  name: 'echo',
  description: 'a bare process that adds what it reads from a framed socket: the physical limit',
  async start() {
    const child = spawn(process.execPath, [CHILD], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    const socket = child.stdio[3] as unknown as Socket
    const packr = new Packr({ useRecords: false })
    const pending = new Map<
      number,
      { resolve: (sum: number) => void; reject: (e: Error) => void }
    >()
    const batch = new FrameBatch((bytes) => socket.write(bytes))
    let lastCall = 0
    let sending = false

    socket.on(
      'data',
      frameReader((_op, call, _context, payload) => {
        const waiting = pending.get(call)
        pending.delete(call)
        waiting?.resolve(packr.unpack(payload) as number)
      }),
    )
    const exited = once(child, 'exit')
    child.once('exit', (code, signal) => {
      const error = new Error(`the echo process ended with ${signal ?? code}`)
      for (const { reject } of pending.values()) reject(error)
    })
    return {
      call: (a, b) =>
        new Promise((resolve, reject) => {
          const call = ++lastCall
          pending.set(call, { resolve, reject })
          batch.add(CALL, call, CONTEXT, packr.pack([a, b]))
          if (sending) return
          sending = true
          process.nextTick(() => {
            sending = false
            batch.send()
          })
        }),
      async stop() {
        socket.end()
        await exited
      },
    }
  },
}
