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

interface Waiting {
  readonly resolve: (sum: number) => void
  readonly reject: (error: Error) => void
}

export const peer: Peer = {
  name: 'echo',
  description: 'a bare process that adds what it reads from a framed socket: the physical limit',
  async start() {
    const child = spawn(process.execPath, [CHILD], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    const socket = child.stdio[3] as unknown as Socket
    const packr = new Packr({ useRecords: false })
    // Call numbers are places in an array, used again: with a map from ever new numbers, which
    // is rebuilt all the time at this rate, the echo is a third slower.
    const pending: (Waiting | undefined)[] = []
    const free: number[] = []
    const batch = new FrameBatch((bytes) => socket.write(bytes))
    let sending = false

    socket.on(
      'data',
      frameReader((_op, call, _context, payload) => {
        const waiting = pending[call]
        pending[call] = undefined
        free.push(call)
        waiting?.resolve(packr.unpack(payload) as number)
      }),
    )
    const exited = once(child, 'exit')
    child.once('exit', (code, signal) => {
      const error = new Error(`the echo process ended with ${signal ?? code}`)
      for (const waiting of pending) waiting?.reject(error)
    })
    return {
      call: (a, b) =>
        new Promise((resolve, reject) => {
          const call = free.pop() ?? pending.length
          pending[call] = { resolve, reject }
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
