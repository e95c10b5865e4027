import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pino } from 'pino'
import { Sandbox } from '../../src/pool/sandbox.js'
import { spawnWorker } from '../../src/pool/spawn-worker.js'
import { until } from '../support/processes.js'

const TIMES = 40
/** Between one end and the next, in milliseconds of a process's life. */
const STEP = 0.4

/** Processes with that text on their command line, those around workers included. */
function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
}

test('a process that is ended while it starts leaves nothing around it, whenever that is', async () => {
  const { execPath } = process
  const logger = pino({ level: 'silent' })
  const sandbox = new Sandbox({ mode: 'auto', user: undefined, execPath, logger })
  await sandbox.prepare()
  // A number that nobody else has tells its processes from others.
  const memoryLimit = 2 ** 29 + process.pid
  const worker = { memoryLimit, maxDepth: 9, maxNodes: 9, maxPayload: 9, maxResult: 9 }
  const features = { codeGeneration: true, web: true, sharedMemory: false, webAssembly: false }
  const access = { functions: [], maxPending: 9, countsTime: false } as const
  const host = { ...access, timers: 'none', console: false, maxTimers: 9 } as const
  for (let i = 0; i < TIMES; i++) {
    const options = {
      execPath,
      execArgv: [],
      inherited: [],
      sandbox,
      worker: { ...worker, features, host },
    }
    const { child, kill } = spawnWorker(options)
    child.ref()
    const exited = once(child, 'exit')
    const end = performance.now() + i * STEP
    while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve))
    kill()
    await exited
  }
  await until('all are gone', () => processesWith(`"memoryLimit":${memoryLimit}`).length === 0)
})
