import { availableParallelism } from 'node:os'
import { isAbsolute } from 'node:path'
import { type Logger, pino } from 'pino'
import {
  bool,
  type Check,
  type Checks,
  check,
  checkEntries,
  checkString,
  integer,
  isAbortSignal,
  LONGEST,
  MIB,
  milliseconds,
  name,
  strings,
} from './checks.js'
import type { ConsoleFunction } from './console-sink.js'
import { VmOptionError } from './errors.js'
import { checkFunctions, type HostFunctions } from './host-functions.js'
import type { SandboxMode } from './pool/sandbox.js'
import type { Features } from './wire/worker-options.js'

/** A start-up script: its text, or the file that holds it. */
export type InitSource =
  | {
      readonly source: string
      /** The name that stacks show. */
      readonly filename?: string
    }
  | { readonly file: string }

/** Options of `VmService.start`. Times are in milliseconds, sizes in bytes. */
export interface VmServiceOptions {
  /** Slots on the ring, each with one process. Default: the available parallelism. */
  readonly processes?: number
  /** Warm processes beyond the slots. Default 1. */
  readonly spares?: number
  /** Scripts to run, in order, in every new or reset context. Default: none. */
  readonly init?: readonly InitSource[]
  /** Run budget of one call in ms, its asynchronous part included; or Infinity. Default 5000. */
  readonly timeout?: number
  /** How long a call may wait before it starts, in ms; or Infinity. Default Infinity. */
  readonly queueTimeout?: number
  /** From a missed deadline to SIGKILL, in ms. Default 500. */
  readonly killGrace?: number
  /**
   * How long a process may take from its start to its first word, in ms. Start-up sources are not
   * in it: they have `timeout`. Default 10 000.
   */
  readonly startTimeout?: number
  /** Resident memory of one process, in bytes. At least 128 MiB. Default 512 MiB. */
  readonly memoryLimit?: number
  /**
   * Largest source, encoded arguments or encoded result of one call, in bytes; at least 256.
   * Default 5 MiB.
   */
  readonly maxSourceSize?: number
  /** Calls that may wait in the service. Default 10 000. */
  readonly maxQueue?: number
  /** Live contexts in the service. Default 10 000. */
  readonly maxContexts?: number
  /** Collect a context unused for this long, in ms; or Infinity. Default Infinity. */
  readonly contextIdleTimeout?: number
  /**
   * How long the contexts of a key that cost its process are kept in a process of their own, in
   * ms, after the last time; 0 turns that off. Default 60 000.
   */
  readonly probation?: number
  /** What scripts have beyond, or lack of, JavaScript as it usually is. */
  readonly features?: Partial<Features>
  /**
   * The wall of the operating system: bubblewrap if it works (`auto`), never, or always. Default
   * `auto`.
   */
  readonly sandbox?: SandboxMode
  /** Whom workers run as, if the service may choose: it runs as root. Default: its own user. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /**
   * Functions of the host that scripts call as `host.name(…)`; or `host.sync.name(…)`, if made by
   * `syncFunction`. Default: none.
   */
  readonly functions?: HostFunctions
  /** Bounds for calls of those. */
  readonly hostCalls?: HostCallLimits
  /** What becomes of what scripts print: nothing, a line of the logger, or a call of a function. Default `ignore`. */
  readonly console?: 'ignore' | 'log' | ConsoleFunction
  /** How long timers live: as long as the call that set them, as their context; or there are none. Default `call`. */
  readonly timers?: 'call' | 'context' | 'none'
  /** A pino logger. Default: silent. */
  readonly logger?: Logger
  /** The worker's Node executable, by an absolute path. Default: this one. */
  readonly execPath?: string
  /** Further flags for the worker's Node. Default: none. */
  readonly execArgv?: readonly string[]
}

export interface HostCallLimits {
  /** How long one may take, in ms; or Infinity. Default 5000. */
  readonly timeout?: number
  /** Host calls of one context that may be under way. Default 100. */
  readonly maxPending?: number
  /** Whether the time that a script waits for its host counts against the `timeout` of its call. Default false. */
  readonly countTime?: boolean
}

export interface CreateContextOptions {
  /** Affinity: equal keys share a slot. Not together with `id`. */
  readonly key?: string
  /** The caller's own ID; it is then the key, too. */
  readonly id?: string
  /** The context is collected when this signal aborts, or when this object is garbage. */
  readonly owner?: AbortSignal | object
  /** Collect the context when unused for this long, in ms; or Infinity. */
  readonly idleTimeout?: number
  /** Scripts to run after the service's own, in order, now and after every reset. */
  readonly init?: readonly InitSource[]
  /** Default run budget of the context's calls in ms; or Infinity. */
  readonly timeout?: number
  /** Functions of the host beyond the service's, which they must not share names with. Default: none. */
  readonly functions?: HostFunctions
}

export interface EnsureContextOptions extends Omit<CreateContextOptions, 'id' | 'key'> {
  readonly id: string
}

export interface CallOptions {
  /** Run budget in ms, the asynchronous part included; or Infinity. */
  readonly timeout?: number
  /** Gives the call up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface EvalOptions extends CallOptions {
  /** The name that stacks show. Default `vm:eval`. */
  readonly filename?: string
  /** Resolve to undefined whatever the script's value is. Default false. */
  readonly discardResult?: boolean
}

export interface CloseOptions {
  /** End running calls at once. Default false. */
  readonly force?: boolean
  /** How long calls may go on, in ms; or Infinity. Default 5000. */
  readonly timeout?: number
}

type Checked<T> = Readonly<Required<T>>

export type CheckedServiceOptions = Checked<
  Omit<VmServiceOptions, 'features' | 'user' | 'hostCalls'>
> & {
  readonly features: Features
  readonly hostCalls: Required<HostCallLimits>
  readonly user: VmServiceOptions['user']
}

/** Well under V8's longest string. */
const LARGEST_SOURCE = 256 * MIB

const signal: Check<AbortSignal> = check('an AbortSignal', isAbortSignal)
const logger: Check<Logger> = check(
  'a pino logger',
  (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    ['child', 'debug', 'info', 'warn', 'error'].every(
      (method) => typeof (value as Record<string, unknown>)[method] === 'function',
    ),
)
const owner: Check<object> = check(
  'an AbortSignal or another object',
  (value: unknown) => (typeof value === 'object' && value !== null) || typeof value === 'function',
)
const initSources: Check<readonly InitSource[]> = (value, option) => {
  if (!Array.isArray(value)) throw new VmOptionError(option, 'an array', value)
  value.forEach((item, i) => {
    const at = `${option}[${i}]`
    if (typeof item !== 'object' || item === null) {
      throw new VmOptionError(at, '{ source, filename? } or { file }', item)
    }
    if ('file' in item) {
      checkEntries(at, item, { file: name })
      name(item.file, `${at}.file`)
    } else {
      checkEntries(at, item, { source: checkString, filename: name })
      checkString(item.source, `${at}.source`)
    }
  })
  return value
}

const features: Check<Partial<Features>> = (value, option) =>
  checkEntries<Partial<Features>>(option, value, {
    codeGeneration: bool,
    sharedMemory: bool,
    webAssembly: bool,
  })

const execPath: Check<string> = check(
  'an absolute path',
  (value: unknown) => typeof value === 'string' && isAbsolute(value),
)

const sandbox: Check<SandboxMode> = check("'auto', 'none' or 'bwrap'", (value) =>
  ['auto', 'none', 'bwrap'].includes(value),
)

const hostCalls: Check<HostCallLimits> = (value, option) =>
  checkEntries<HostCallLimits>(option, value, {
    timeout: milliseconds('above 0'),
    maxPending: integer(1, 10_000),
    countTime: bool,
  })

const consoleOption: Check<'ignore' | 'log' | ConsoleFunction> = check(
  "'ignore', 'log' or a function",
  (value) => typeof value === 'function' || ['ignore', 'log'].includes(value),
)

const timers: Check<'call' | 'context' | 'none'> = check("'call', 'context' or 'none'", (value) =>
  ['call', 'context', 'none'].includes(value),
)

const user: Check<{ uid: number; gid: number }> = (value, option) => {
  const checked = checkEntries<{ uid: number; gid: number }>(option, value, {
    uid: integer(0, LONGEST),
    gid: integer(0, LONGEST),
  })
  for (const id of ['uid', 'gid'] as const) integer(0, LONGEST)(checked[id], `${option}.${id}`)
  if (process.getuid?.() !== 0)
    throw new VmOptionError(option, 'no user, unless root starts it', value)
  return checked
}

export function checkServiceOptions(given: unknown): CheckedServiceOptions {
  const checked = checkEntries<VmServiceOptions>('options', given, {
    processes: integer(1, 1024),
    spares: integer(0, 1024),
    init: initSources,
    timeout: milliseconds('above 0'),
    queueTimeout: milliseconds('from 0'),
    killGrace: integer(0, LONGEST),
    startTimeout: integer(1, LONGEST),
    memoryLimit: integer(128 * MIB, Number.MAX_SAFE_INTEGER),
    maxSourceSize: integer(256, LARGEST_SOURCE),
    maxQueue: integer(0, LONGEST),
    maxContexts: integer(1, LONGEST),
    contextIdleTimeout: milliseconds('above 0'),
    probation: integer(0, LONGEST),
    features,
    sandbox,
    user,
    functions: checkFunctions,
    hostCalls,
    console: consoleOption,
    timers,
    logger,
    execPath,
    execArgv: strings,
  })
  return Object.freeze({
    processes: availableParallelism(),
    spares: 1,
    init: [],
    timeout: 5000,
    queueTimeout: Number.POSITIVE_INFINITY,
    killGrace: 500,
    startTimeout: 10_000,
    memoryLimit: 512 * MIB,
    maxSourceSize: 5 * MIB,
    maxQueue: 10_000,
    maxContexts: 10_000,
    contextIdleTimeout: Number.POSITIVE_INFINITY,
    probation: 60_000,
    sandbox: 'auto',
    functions: {},
    console: 'ignore',
    timers: 'call',
    logger: checked.logger ?? pino({ level: 'silent' }),
    execPath: process.execPath,
    ...checked,
    user: checked.user && Object.freeze({ ...checked.user }),
    features: Object.freeze({
      codeGeneration: true,
      sharedMemory: false,
      webAssembly: false,
      ...checked.features,
    }),
    hostCalls: Object.freeze({
      timeout: 5000,
      maxPending: 100,
      countTime: false,
      ...checked.hostCalls,
    }),
    execArgv: Object.freeze([...(checked.execArgv ?? [])]),
  })
}

const contextChecks: Checks<CreateContextOptions> = {
  key: name,
  id: name,
  owner,
  idleTimeout: milliseconds('above 0'),
  init: initSources,
  timeout: milliseconds('above 0'),
  functions: checkFunctions,
}

export function checkContextOptions(given: unknown): CreateContextOptions {
  const checked = checkEntries<CreateContextOptions>('options', given, contextChecks)
  if (checked.id !== undefined && checked.key !== undefined) {
    throw new VmOptionError('options.key', 'no key beside an id, which is the key', checked.key)
  }
  return checked
}

export function checkEnsureOptions(given: unknown): EnsureContextOptions {
  const { key: _, ...checks } = contextChecks
  const checked = checkEntries<EnsureContextOptions>('options', given, checks)
  name(checked.id, 'options.id')
  return checked
}

const callChecks: Checks<CallOptions> = { timeout: milliseconds('above 0'), signal }
const evalChecks: Checks<EvalOptions> = { ...callChecks, filename: name, discardResult: bool }
const closeChecks: Checks<CloseOptions> = { force: bool, timeout: milliseconds('from 0') }

const noOptions = Object.freeze({})

export function checkCallOptions(given: unknown): CallOptions {
  return given === undefined ? noOptions : checkEntries('options', given, callChecks)
}

export function checkEvalOptions(given: unknown): EvalOptions {
  return given === undefined ? noOptions : checkEntries('options', given, evalChecks)
}

export function checkCloseOptions(given: unknown): CloseOptions {
  return checkEntries('options', given, closeChecks)
}
