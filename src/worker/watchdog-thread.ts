import { Session } from 'node:inspector'
import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { LIFELINE_FD } from '../wire/protocol.js'
import { DeadlineCell } from './deadline-cell.js'
import type { WatchdogData, WatchdogMessage } from './watchdog.js'

/**
 * The watchdog: a thread that ends the main thread's turn when its deadline is missed, and the
 * whole process when the supervisor is gone. It costs a call nothing but a few atomic stores.
 *
 * The inspector's `Runtime.terminateExecution` stops what `vm`'s own timeout stops, without the
 * hundred microseconds that one costs per call.
 */

/** How often it looks while turns are being made, in milliseconds. */
const TICK = 10
/** Looks without a turn after which it sleeps until rung. */
const IDLE_TICKS = 3

const { memory } = workerData as WatchdogData
const cell = new DeadlineCell(memory)
const session = new Session()
session.connectToMainThread()

let idle = 0
let timer: NodeJS.Timeout | undefined

function look(): void {
  const turn = cell.turn()
  if (turn === 0) {
    if (++idle > IDLE_TICKS) return sleep()
    return again(TICK)
  }
  idle = 0
  const remaining = cell.remaining()
  // The deadline read may be that of a later turn: then the claim fails, and nothing happened.
  if (remaining <= 0 && cell.claim(turn)) end()
  again(Math.min(TICK, Math.max(0, cell.remaining())))
}

function again(delay: number): void {
  clearTimeout(timer)
  cell.wakeIn(delay)
  timer = setTimeout(look, delay)
}

function sleep(): void {
  cell.sleep()
  // A turn that began before the line above did not ring.
  if (cell.turn() !== 0) again(0)
}

function end(): void {
  session.post('Runtime.terminateExecution', () => {
    const message: WatchdogMessage = { ended: true }
    parentPort?.postMessage(message)
  })
}

parentPort?.on('message', () => {
  idle = 0
  again(Math.min(TICK, Math.max(0, cell.remaining())))
})

// Read by this thread alone, so that it ends a process whose main thread is busy for ever.
const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: false })
lifeline.resume()
const orphaned = (): void => void process.kill(process.pid, 'SIGKILL')
lifeline.on('end', orphaned)
lifeline.on('error', orphaned)

cell.sleep()
const ready: WatchdogMessage = { ended: false }
parentPort?.postMessage(ready)
