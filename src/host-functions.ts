import { type Checks, checkEntries, milliseconds } from './checks.js'
import { VmOptionError } from './errors.js'
import type { HostFunctionName } from './wire/protocol.js'

/** Who calls a function of the host: its `this`. */
export interface HostCaller {
  readonly contextId: string
  /** The key of that ID; see `createContext`. */
  readonly key: string
  /**
   * Aborts when the call of the service in which the script asked was given up, by its timeout or its
   * signal; when its context is gone; and when the host call itself took too long.
   */
  readonly signal: AbortSignal
}

/**
 * A function of the host that scripts call as `host.name(…)`, and whose result, or what it resolves to,
 * they get as a promise. What it throws, they get as an Error of their own with its name and message.
 */
// biome-ignore lint/suspicious/noExplicitAny: its arguments are whatever a script gives.
export type HostFunction = (this: HostCaller, ...args: any[]) => unknown

export interface SyncFunctionOptions {
  /** How long a script may be held up, in ms; or Infinity. Default 1000. */
  readonly timeout?: number
}

const SYNC_TIMEOUT = 1000
const syncChecks: Checks<SyncFunctionOptions> = { timeout: milliseconds('above 0') }

/** A function of the host that holds scripts up; made by `syncFunction`. */
export class SyncHostFunction {
  readonly fn: HostFunction
  /** In ms, or Infinity. */
  readonly timeout: number

  /** @internal Use `syncFunction`. */
  constructor(fn: HostFunction, timeout: number) {
    this.fn = fn
    this.timeout = timeout
  }
}

/**
 * Makes a function of the host one that scripts call as `host.sync.name(…)`: the script is held up until
 * it has returned, or what it returned has resolved. So is every other context of that process: see the
 * option `ownProcess` of `createContext`. Throws `VmOptionError`.
 */
export function syncFunction(fn: HostFunction, options?: SyncFunctionOptions): SyncHostFunction {
  if (typeof fn !== 'function') throw new VmOptionError('fn', 'a function', fn)
  const { timeout = SYNC_TIMEOUT } = checkEntries('options', options, syncChecks)
  return new SyncHostFunction(fn, timeout)
}

/** Functions of the host, by the name that scripts call them by. */
export type HostFunctions = { readonly [name: string]: HostFunction | SyncHostFunction }

const MOST = 1000
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,127}$/u
/** What is a property of `host`, or would be asked for when somebody awaits it. */
const TAKEN: ReadonlySet<string> = new Set([
  'sync',
  'then',
  '__proto__',
  'constructor',
  'prototype',
])

/** A function of the host with all that is known of it. */
export interface NamedFunction extends HostFunctionName {
  readonly fn: HostFunction
  /** How long a script may be held up, in ms; undefined when it isn't. */
  readonly timeout: number | undefined
}

/** Throws `VmOptionError` unless these are functions under names that scripts can call them by. */
export function checkFunctions(given: unknown, option: string): HostFunctions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new VmOptionError(option, 'an object of functions', given)
  }
  const entries = Object.entries(given)
  if (entries.length > MOST) {
    throw new VmOptionError(option, `at most ${MOST} functions`, entries.length)
  }
  for (const [name, fn] of entries) {
    if (!NAME.test(name) || TAKEN.has(name)) {
      throw new VmOptionError(
        `${option}.${name}`,
        'a name that is an identifier and not taken',
        name,
      )
    }
    if (typeof fn !== 'function' && !(fn instanceof SyncHostFunction)) {
      throw new VmOptionError(`${option}.${name}`, 'a function, or one made by syncFunction', fn)
    }
  }
  return Object.freeze({ ...given }) as HostFunctions
}

export function listFunctions(functions: HostFunctions): readonly NamedFunction[] {
  return Object.entries(functions).map(([name, fn]) =>
    typeof fn === 'function'
      ? { name, fn, sync: false, timeout: undefined }
      : { name, fn: fn.fn, sync: true, timeout: fn.timeout },
  )
}

/** What of them a worker is told. */
export function namesOf(functions: readonly NamedFunction[]): HostFunctionName[] {
  return functions.map(({ name, sync }) => ({ name, sync }))
}
