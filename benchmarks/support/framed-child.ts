import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Packr } from 'msgpackr'
import { FrameBatch, frameReader } from './frames.js'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export interface FramedChild {
  readonly pid: number
  /** Resolves to what `serve` answers there. */
  request(op: number, context: number, value: unknown): Promise<unknown>
  /** Resolves when the process has ended. */
  stop(): Promise<void>
}

/** This side of a bare process that serves frames: see `framed-server.ts`. */
export function startFramedChild(file: string, execArgv: readonly string[] = []): FramedChild {
  const child = spawn(process.execPath, [...execArgv, file], {
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
      waiting?.resolve(packr.unpack(payload))
    }),
  )
  const exited = once(child, 'exit')
  child.once('exit', (code, signal) => {
    const error = new Error(`the process ended with ${signal ?? code}`)
    for (const waiting of pending) waiting?.reject(error)
  })
  return {
    pid: child.pid ?? 0,
    request: (op, context, value) =>
      new Promise((resolve, reject) => {
        const call = free.pop() ?? pending.length
        pending[call] = { resolve, reject }
        batch.add(op, call, context, packr.pack(value))
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
}
