import { availableParallelism } from 'node:os'
import { type Logger, pino } from 'pino'
import { VmOptionError } from './errors.js'

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
  /** A pino logger. Default: silent. */
  readonly logger?: Logger
  /** The worker's Node executable. Default: this one. */
  readonly execPath?: string
  /** Further flags for the worker's Node. Default: none. */
  readonly execArgv?: readonly string[]
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

export type Checked<T> = Readonly<Required<T>>

/** Throws `VmOptionError` unless the value is fit; returns it then. */
type Check<T> = (value: unknown, name: string) => T

const LONGEST = 0x7fff_ffff
const MIB = 1024 * 1024
/** Well under V8's longest string. */
const LARGEST_SOURCE = 256 * MIB

function check<T>(expected: string, fits: (value: never) => boolean): Check<T> {
  return (value, name) => {
    if (!fits(value as never)) throw new VmOptionError(name, expected, value)
    return value as T
  }
}

function integer(least: number, most: number): Check<number> {
  return check(
    `an integer from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  )
}

/** Above `least`, so that a budget of nothing, which no call could keep, is refused. */
function milliseconds(least: 'above 0' | 'from 0'): Check<number> {
  return check(
    `a number of milliseconds ${least} to ${LONGEST}, or Infinity`,
    (value) =>
      typeof value === 'number' &&
      (value === Number.POSITIVE_INFINITY || value <= LONGEST) &&
      (least === 'above 0' ? value > 0 : value >= 0),
  )
}

export const checkString: Check<string> = check('a string', (value) => typeof value === 'string')
const name: Check<string> = check(
  'a string of 1 to 512 characters',
  (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 512,
)
const bool: Check<boolean> = check('a boolean', (value) => typeof value === 'boolean')
const strings: Check<readonly string[]> = check(
  'an array of strings',
  (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
)
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

export function isAbortSignal(value: unknown): value is AbortSignal {
  // Signals of other realms and polyfills count as well.
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AbortSignal).aborted === 'boolean' &&
    typeof (value as AbortSignal).addEventListener === 'function'
  )
}

type Checks<T> = { readonly [K in keyof Required<T>]: Check<unknown> }

/** Checks each given entry by its name, refuses names it does not know, drops `undefined`. */
function checkEntries<T extends object>(where: string, given: unknown, checks: Checks<T>): T {
  if (given === undefined) return {} as T
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new VmOptionError(where, 'an object', given)
  }
  const checked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, key)) {
      const known = Object.keys(checks).join(', ')
      throw new VmOptionError(`${where}.${key}`, `one of ${known}`, value)
    }
    if (value === undefined) continue
    checked[key] = checks[key as keyof T](value, `${where}.${key}`)
  }
  return checked as T
}

export function checkServiceOptions(given: unknown): Checked<VmServiceOptions> {
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
    logger,
    execPath: name,
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
    logger: checked.logger ?? pino({ level: 'silent' }),
    execPath: process.execPath,
    ...checked,
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
