import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import { VmOptionError } from '../errors.js'

export type SandboxMode = 'auto' | 'none' | 'bwrap'

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))
/** What a worker's program reads beyond the runtime, and where it looks for it. */
export const WORKER_FILES: readonly (readonly [source: string, destination: string])[] = [
  [join(PACKAGE, 'dist', 'src'), join(PACKAGE, 'dist', 'src')],
  [join(PACKAGE, 'package.json'), join(PACKAGE, 'package.json')],
  // Wherever a package manager has put it.
  [
    dirname(dirname(createRequire(import.meta.url).resolve('msgpackr/index-no-eval'))),
    join(PACKAGE, 'node_modules', 'msgpackr'),
  ],
]
/** Where the shared libraries of a runtime are. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64']
/** Where the supervisor is told of the processes that bubblewrap started. */
const STATUS_FD = 5
const NOBODY = '65534'
/** To find out whether bubblewrap works, in milliseconds. */
const PROBE_TIMEOUT = 5000

export interface SandboxOptions {
  readonly mode: SandboxMode
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
  /** The path of bubblewrap, once it is known to work. */
  #bwrap: string | undefined

  constructor(options: SandboxOptions) {
    this.#options = options
  }

  /** Whether workers run inside. */
  get active(): boolean {
    return this.#bwrap !== undefined
  }

  /** Finds out what there is. Throws `VmOptionError` when what was asked for doesn't work. */
  async prepare(): Promise<void> {
    const { mode, logger } = this.#options
    if (mode === 'none') return
    const bwrap = findProgram('bwrap')
    const problem = bwrap === undefined ? 'it is not installed' : await this.#probe(bwrap)
    if (problem === undefined) {
      this.#bwrap = bwrap
      logger.info({ sandbox: 'bwrap', bwrap }, 'workers run inside bubblewrap')
    } else if (mode === 'auto') {
      logger.info({ sandbox: 'none', problem }, 'workers run without bubblewrap')
    } else {
      throw new VmOptionError('options.sandbox', `a bubblewrap that works (${problem})`, mode)
    }
  }

  /** The command that starts a program, inside if there is an inside. */
  command(execPath: string, args: readonly string[]): [command: string, args: readonly string[]] {
    if (this.#bwrap === undefined) return [execPath, args]
    const status = ['--json-status-fd', `${STATUS_FD}`]
    return [this.#bwrap, [...status, ...bwrapArgs(execPath), '--', execPath, ...args]]
  }

  /** Why it does not work; undefined when it does. */
  async #probe(bwrap: string): Promise<string | undefined> {
    const { execPath } = this.#options
    try {
      await promisify(execFile)(bwrap, [...bwrapArgs(execPath), '--', execPath, '--version'], {
        env: {},
        timeout: PROBE_TIMEOUT,
      })
      return undefined
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string }
      return stderr?.trim() || message
    }
  }
}

function bwrapArgs(execPath: string): string[] {
  const runtime = [...LIBRARIES, execPath].filter((path) => existsSync(path))
  const readOnly = [...runtime.map((path) => [realpathSync(path), path] as const), ...WORKER_FILES]
  return [
    ...['--unshare-all', '--unshare-user', '--uid', NOBODY, '--gid', NOBODY, '--cap-drop', 'ALL'],
    ...['--die-with-parent', '--new-session'],
    ...readOnly.flatMap(([source, destination]) => ['--ro-bind', source, destination]),
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', '/'],
  ]
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}
