import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { VmProcessError } from '../errors.js'
import type { WorkerOptions } from '../wire/worker-options.js'

const WORKER_FILE = fileURLToPath(new URL('../worker/main.js', import.meta.url))
const WORKER_FLAGS = [
  // Without it, `import()` in a script is answered by Node and not by the worker.
  '--experimental-vm-modules',
  // See `rejections.ts`.
  '--expose-internals',
  '--no-warnings',
]

export interface SpawnOptions {
  readonly execPath: string
  readonly execArgv: readonly string[]
  readonly worker: WorkerOptions
}

export interface SpawnedWorker {
  readonly child: ChildProcess
  readonly stdout: Readable
  readonly stderr: Readable
  /** The frames. */
  readonly socket: Socket
  /** Read by the worker's watchdog alone. */
  readonly lifeline: Socket
}

/** Starts the worker's program. Throws `VmProcessError` when the system can't. */
export function spawnWorker({ execPath, execArgv, worker }: SpawnOptions): SpawnedWorker {
  try {
    const child = spawn(
      execPath,
      [...WORKER_FLAGS, ...execArgv, WORKER_FILE, JSON.stringify(worker)],
      // Nothing of the service's environment or working directory reaches a script's process.
      { env: {}, cwd: '/', stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'], windowsHide: true },
    )
    const [, ...sockets] = child.stdio as unknown as [null, Socket, Socket, Socket, Socket]
    const [stdout, stderr, socket, lifeline] = sockets
    // Pending calls keep the program alive, not processes: see KeepAlive.
    child.unref()
    for (const stream of sockets) stream.unref()
    lifeline.on('error', () => {})
    return { child, stdout, stderr, socket, lifeline }
  } catch (error) {
    // Out of descriptors, or of processes.
    const exit = { code: null, signal: null, cause: 'crash' } as const
    throw new VmProcessError('culprit', exit, (error as Error).message)
  }
}
