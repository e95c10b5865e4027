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
import { checkFunctions } from './host-functions.js'
import type {
  CallOptions,
  CloseOptions,
  CreateContextOptions,
  EnsureContextOptions,
  EvalOptions,
  HostCallLimits,
  InitSource,
  VmServiceOptions,
} from './options.js'
import type { SandboxMode } from './pool/sandbox.js'
import type { Features } from './wire/worker-options.js'

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
    web: bool,
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
      web: true,
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
  ownProcess: bool,
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
