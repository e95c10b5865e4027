import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import { VmOptionError } from '../errors.js'
import { findMsgpack } from '../wire/values/msgpack.js'

export type SandboxMode = 'auto' | 'none' | 'bwrap'

/** The worker's program, bundled; see `rolldown.config.js`. */
const WORKER_FOLDER = fileURLToPath(new URL('../../worker', import.meta.url))
/** Where a worker begins. */
export const WORKER_FILE = join(WORKER_FOLDER, 'start.cjs')
/** What a worker's program reads beyond the runtime: its own parts, and msgpackr. */
export const WORKER_FILES: readonly string[] = [WORKER_FOLDER, findMsgpack()]
/** Where the shared libraries of a runtime are. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64']
/** Where the supervisor is told of the processes that bubblewrap started. */
const STATUS_FD = 6
/** The user and the group that own nothing, on every Linux. */
const NOBODY = 65534
/** What of `/proc` leads to the whole machine, and a user that is root outside may write to. */
const MACHINE_WIDE = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs']
/** To find out whether bubblewrap works, in milliseconds. */
const PROBE_TIMEOUT = 5000

export interface User {
  readonly uid: number
  readonly gid: number
}

export interface SandboxOptions {
  readonly mode: SandboxMode
  /** Whom workers are to run as; undefined where that is not said. */
  readonly user: User | undefined
  /** The runtime that is to work inside. */
  readonly execPath: string
  readonly logger: Logger
}

/**
 * The wall that the operating system makes: bubblewrap, where there is one. Inside there is no
 * network, no process of anybody else's, and of the file system the runtime and the worker's own
 * program, read only.
 */
export class Sandbox {
  readonly #options: SandboxOptions
  /** How bubblewrap is started, once it is known to work. */
  #wall: Wall | undefined

  constructor(options: SandboxOptions) {
    this.#options = options
  }

  /** Whether workers run inside. */
  get active(): boolean {
    return this.#wall !== undefined
  }

  /** Whom the system is to start workers as; undefined for the service's own user. */
  get user(): User | undefined {
    return this.#wall ? this.#wall.user : this.#options.user
  }

  /** Finds out what there is. Throws `VmOptionError` when what was asked for doesn't work. */
  async prepare(): Promise<void> {
    const { mode, logger } = this.#options
    if (mode === 'none') return
    const bwrap = findProgram('bwrap')
    const problem = bwrap === undefined ? 'it is not installed' : await this.#build(bwrap)
    if (problem === undefined) {
      logger.info({ sandbox: 'bwrap', ...this.#wall }, 'workers run inside bubblewrap')
    } else if (mode === 'auto') {
      logger.info({ sandbox: 'none', problem }, 'workers run without bubblewrap')
    } else {
      throw new VmOptionError('options.sandbox', `a bubblewrap that works (${problem})`, mode)
    }
  }

  /** The command that starts a program, inside if there is an inside. */
  command(execPath: string, args: readonly string[]): [command: string, args: readonly string[]] {
    if (!this.#wall) return [execPath, args]
    const status = ['--json-status-fd', `${STATUS_FD}`]
    const { bwrap, flags } = this.#wall
    return [bwrap, [...status, ...flags, ...bwrapArgs(execPath), '--', execPath, ...args]]
  }

  /** Takes the best wall that works. Returns why none does; undefined when one does. */
  async #build(bwrap: string): Promise<string | undefined> {
    const isRoot = process.getuid?.() === 0
    // Root without its capabilities still owns most files of the machine: rather nobody, unless
    // nobody may read the program.
    const nobody = { uid: NOBODY, gid: NOBODY }
    const users = this.#options.user || !isRoot ? [this.#options.user] : [nobody, undefined]
    let problem: string | undefined
    for (const user of users) {
      // Not before bubblewrap 0.8.
      for (const flags of [['--disable-userns'], []]) {
        const wall = { bwrap, flags, user }
        const found = await this.#probe(wall)
        if (found === undefined) {
          this.#wall = wall
          return undefined
        }
        problem ??= found
      }
    }
    return problem
  }

  /** Why a wall does not work; undefined when it does. */
  async #probe({ bwrap, flags, user }: Wall): Promise<string | undefined> {
    const { execPath } = this.#options
    try {
      await promisify(execFile)(
        bwrap,
        [...flags, ...bwrapArgs(execPath), '--', execPath, '--version'],
        { env: {}, cwd: '/', timeout: PROBE_TIMEOUT, killSignal: 'SIGKILL', ...user },
      )
      return undefined
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string }
      return stderr?.trim() || message
    }
  }
}

/** A way to start bubblewrap. */
interface Wall {
  readonly bwrap: string
  readonly flags: readonly string[]
  /** Whom it is started as; undefined for the service's own user. */
  readonly user: User | undefined
}

function bwrapArgs(execPath: string): string[] {
  const readOnly = [...LIBRARIES, execPath, ...WORKER_FILES].filter((path) => existsSync(path))
  return [
    ...['--unshare-all', '--unshare-user', '--cap-drop', 'ALL'],
    ...['--uid', `${NOBODY}`, '--gid', `${NOBODY}`],
    ...['--die-with-parent', '--new-session'],
    ...readOnly.flatMap((path) => ['--ro-bind', realpathSync(path), path]),
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev', '--remount-ro', '/'],
    ...MACHINE_WIDE.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', path, path]),
    ...['--chdir', '/'],
  ]
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
