import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { VmProcessError } from '../errors.js'
import { SYNC_FD } from '../wire/protocol.js'
import { findMsgpack } from '../wire/values/msgpack.js'
import type { WorkerOptions } from '../wire/worker-options.js'
import { type Sandbox, WORKER_FILE, WORKER_FILES } from './sandbox.js'

/** V8's own flags among these, and below, are set back in `start.ts`: they cost time from then on. */
const WORKER_FLAGS = [
  // See `rejections.ts` and `host-hooks.ts`.
  '--expose-internals',
  // The worker's own realm makes no code of strings; contexts do as they are told to.
  '--disallow-code-generation-from-strings',
  '--no-warnings',
]
/**
 * For the C library (glibc): heaps that threads allocate from. What the collector's threads leave in theirs does not
 * go back to the system; with as many as glibc would make, a tenth of a process's memory. With one, they wait for each other.
 */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' }
/** V8's own limit on its heap, as a share of `memoryLimit`: for what outruns the watchdog. */
const HEAP_LIMIT = 2
const MIB = 1024 * 1024
/** What the worker reads of itself; see `resident-memory.ts`. Its folder would lead anywhere. */
const MEMORY_FILES = ['/proc/self/statm', '/proc/self/status']
/** The flag of a descriptor that no program started from here inherits (Linux, octal). */
const CLOSE_ON_EXEC = 0o2000000
/** Bubblewrap tells of a program that a signal ended by this and the signal's number. */
const SIGNAL_EXIT = 128
/** For bubblewrap to say what it started, and to notice when that has ended, in milliseconds. */
const STATUS_TIMEOUT = 1000

export interface SpawnOptions {
  readonly execPath: string
  readonly execArgv: readonly string[]
  readonly worker: Omit<WorkerOptions, 'inherited' | 'msgpack'>
  readonly sandbox: Sandbox
  /** Descriptors that this program was given; see `inheritedDescriptors`. */
  readonly inherited: readonly number[]
}

export interface SpawnedWorker {
  readonly child: ChildProcess
  readonly stdout: Readable
  readonly stderr: Readable
  /** The frames. */
  readonly socket: Socket
  /** Read by the worker's watchdog alone. */
  readonly lifeline: Socket
  /** What scripts ask of their host and wait for. */
  readonly asking: Socket
  /** The worker's own process ID, which is not `child`'s inside a sandbox. */
  readonly pid: () => number | undefined
  /** SIGKILL, aimed at this very process. */
  readonly kill: () => void
  /** How the worker itself ended, from how `child` did. */
  readonly ending: (code: number | null, signal: NodeJS.Signals | null) => Ending
}

type Sockets = [Socket, Socket, Socket, Socket, Socket, Socket?]

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Starts the worker's program. Throws `VmProcessError` when the system can't. */
export function spawnWorker(options: SpawnOptions): SpawnedWorker {
  const { execPath, execArgv, worker, inherited, sandbox } = options
  const told: WorkerOptions = {
    ...worker,
    msgpack: findMsgpack(),
    inherited: inherited.filter((fd) => !closesOnExec(fd)),
  }
  const flags = [...WORKER_FLAGS, ...heapFlags(worker.memoryLimit), ...permissionFlags(execPath)]
  const [command, args] = sandbox.command(execPath, [
    ...flags,
    ...execArgv,
    WORKER_FILE,
    JSON.stringify(told),
  ])
  try {
    const child = spawn(command, args, {
      // Nothing of the service's environment or working directory reaches a script's process.
      env: ENVIRONMENT,
      cwd: '/',
      stdio: [
        'ignore',
        'pipe',
        'pipe',
        'pipe',
        'pipe',
        'pipe',
        ...(sandbox.active ? ['pipe' as const] : []),
      ],
      windowsHide: true,
      ...sandbox.user,
    })
    const [, ...sockets] = child.stdio as unknown as [null, ...Sockets]
    const [stdout, stderr, socket, lifeline, asking, status] = sockets
    // Pending calls keep the program alive, not processes: see KeepAlive.
    child.unref()
    for (const stream of sockets) stream?.unref()
    lifeline.on('error', () => {})
    const streams = { child, stdout, stderr, socket, lifeline, asking }
    if (status) return { ...streams, ...inside(child, status) }
    return {
      ...streams,
      pid: () => child.pid,
      kill: () => void child.kill('SIGKILL'),
      ending: (code, signal) => ({ code, signal }),
    }
  } catch (error) {
    // Out of descriptors, or of processes.
    const exit = { code: null, signal: null, cause: 'crash' } as const
    throw new VmProcessError('culprit', exit, (error as Error).message)
  }
}

function heapFlags(memoryLimit: number): string[] {
  return [`--max-old-space-size=${Math.ceil((memoryLimit * HEAP_LIMIT) / MIB)}`]
}

/**
 * Node's permission model, where it lets the watchdog do its work (Node 24 and later): the worker
 * reads its own program and starts no processes. What it may do for its beginning it gives up then, see
 * `permissions.ts`; the network is among that since Node 26.12, or it could not take the sockets it is given.
 */
function permissionFlags(execPath: string): string[] {
  const known = process.allowedNodeEnvironmentFlags
  if (execPath !== process.execPath || !known.has('--allow-inspector')) return []
  // Node goes by where a file really is, which a package manager may have linked to.
  const real = WORKER_FILES.map((path) => realpathSync(path))
  const readable = [...WORKER_FILES, ...real, ...MEMORY_FILES]
  return [
    ...['--permission', '--allow-worker', '--allow-inspector'],
    ...(needsNet() ? ['--allow-net'] : []),
    ...new Set(readable.map((path) => `--allow-fs-read=${path}`)),
  ]
}

/** Since 26.4 it can be given up for certain, and before that it is not needed. */
function needsNet(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 26 || (major === 26 && minor >= 4)
}

/**
 * Descriptors that this program itself was given by whoever started it, and that its own children
 * get as well: the worker closes them. None where the system doesn't tell. A look at every descriptor
 * that is open: enough once, for this program opens none of that kind.
 */
export function inheritedDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fdinfo')
      .map(Number)
      .filter((fd) => fd > SYNC_FD && !closesOnExec(fd))
  } catch {
    return []
  }
}

function closesOnExec(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]
    return flags === undefined || (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0
  } catch {
    // Closed in the meantime: the folder's own descriptor, for one.
    return true
  }
}

/**
 * Bubblewrap tells of the first process inside. The worker is that one's child, and whatever else is
 * inside ends with it.
 */
function inside(
  child: ChildProcess,
  status: Socket,
): Pick<SpawnedWorker, 'pid' | 'kill' | 'ending'> {
  let text = ''
  let init: number | undefined
  let pid: number | undefined
  let unwanted = false
  status.setEncoding('utf8')
  status.on('data', (more: string) => {
    if (init !== undefined) return
    text += more
    init = Number(/"child-pid": (\d+)/.exec(text)?.[1]) || undefined
    if (unwanted && init !== undefined) endProcess(init)
  })
  status.on('error', () => {})
  return {
    pid() {
      if (pid === undefined && init !== undefined) pid = firstChild(init)
      return pid
    },
    kill() {
      unwanted = true
      // With the first process inside all others end, and when they are gone, bubblewrap. If that were
      // ended first, its end would say nothing of theirs; and in the middle of its set-up, the first
      // process would wait for a word of it for ever. So it is, only when it takes too long.
      if (init !== undefined) endProcess(init)
      setTimeout(() => child.kill('SIGKILL'), STATUS_TIMEOUT).unref()
    },
    ending: endingInside,
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function firstChild(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    return Number(children.split(' ')[0]) || undefined
  } catch {
    // It is gone already.
    return undefined
  }
}

function endingInside(code: number | null, signal: NodeJS.Signals | null): Ending {
  const number = (code ?? 0) - SIGNAL_EXIT
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return name === undefined ? { code, signal } : { code: null, signal: name as NodeJS.Signals }
}
