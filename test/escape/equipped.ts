import { type ConsoleLine, type HostCaller, syncFunction, type VmServiceOptions } from 'vmring'

/**
 * A service that gives scripts every way in that there is: functions of the host of several kinds, a
 * console, timers and the globals of the web. What scripts send in by them is looked at here.
 */

/** What arrived that should not have, one a line; emptied by who reads it. */
let wrong = ''

export function takeWrong(): string {
  const found = wrong
  wrong = ''
  return found
}

const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error'])
const PLAIN: ReadonlySet<object | null> = new Set<object | null>([
  ...[Object, Array, Map, Set, Date, RegExp, ArrayBuffer, DataView].map((Class) => Class.prototype),
  ...[
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    AggregateError,
  ].map((Class) => Class.prototype),
  ...[Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array, Uint32Array].map(
    (Class) => Class.prototype,
  ),
  ...[Int32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array].map(
    (Class) => Class.prototype,
  ),
])

/** Plain data of this realm, without accessors, functions and symbols. */
function look(what: string, value: unknown): void {
  if (typeof value === 'function' || typeof value === 'symbol')
    wrong += `${what} is a ${typeof value}\n`
  if (typeof value !== 'object' || value === null) return
  if (!PLAIN.has(Object.getPrototypeOf(value))) wrong += `${what} is of another prototype\n`
  for (const key of Reflect.ownKeys(value)) {
    if (ArrayBuffer.isView(value)) break
    const property = Object.getOwnPropertyDescriptor(value, key)
    if (typeof key === 'symbol') wrong += `${what} has a symbol\n`
    else if (property?.get || property?.set) wrong += `${what}.${key} is an accessor\n`
    else look(`${what}.${key}`, property?.value)
  }
  if (value instanceof Map || value instanceof Set) {
    for (const entry of value) look(`an entry of ${what}`, entry)
  }
}

function arrived(name: string, args: readonly unknown[]): void {
  for (let i = 0; i < args.length; i++) look(`${name}: argument ${i}`, args[i])
}

class HostError extends Error {
  override name = 'HostError'
  readonly secret = { of: 'the host' }
}

function failing(name: unknown): never {
  const cause = new AggregateError([new TypeError('inner')], 'outer')
  const error = new HostError('refused', { cause })
  if (typeof name === 'string') error.name = name
  throw error
}

/** As much as can travel; and keys that mean something to whoever does not look. */
function given(): unknown {
  const inert = JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": 1, "then": 2, "toJSON": 3}',
  )
  return {
    list: [1, [2, { three: 3 }]],
    map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1n, 'x'])]]),
    when: new Date(0),
    pattern: /x/g,
    bytes: new Uint8Array([1, 2, 3]),
    floats: new Float64Array(2),
    error: new RangeError('given', { cause: new TypeError('cause') }),
    inert,
  }
}

const odd: readonly (() => unknown)[] = [
  () => () => 1,
  () => Symbol('s'),
  () => new WeakMap(),
  () => new Proxy({}, {}),
  () => ({
    get x() {
      throw new HostError('a getter')
    },
  }),
  () => globalThis,
  () => process.stdout,
  () => 'x'.repeat(6 * 1024 * 1024),
]

const never = (): Promise<unknown> => new Promise(() => {})
const later = (value: unknown): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, 2, value))

const kinds = {
  give: given,
  echo: (...args: unknown[]) => args,
  first: (value: unknown) => value,
  fail: failing,
  failWith: (value: unknown) => {
    throw value
  },
  odd: (which: number) => (odd[which % odd.length] as () => unknown)(),
  who(this: HostCaller) {
    return this
  },
}

type Kind = (this: HostCaller, ...args: unknown[]) => unknown

/** The same function, once it has been seen what it is called with. */
function watched(name: string, fn: Kind): Kind {
  return function (...args) {
    arrived(name, args)
    return fn.apply(this, args)
  }
}

const entries = Object.entries(kinds) as [string, Kind][]
const simple = entries.map(([name, fn]) => [name, watched(name, fn)] as const)
const waiting = entries.map(
  ([name, fn]) => [`${name}Sync`, syncFunction(watched(`${name}Sync`, fn))] as const,
)

export const functions: VmServiceOptions['functions'] = {
  ...Object.fromEntries(simple),
  ...Object.fromEntries(waiting),
  later: watched('later', later),
  laterSync: syncFunction(watched('laterSync', later)),
  laterFails: watched('laterFails', async (name) => failing(await later(name))),
  never,
  neverSync: syncFunction(never, { timeout: 20 }),
}

/** Those functions as one hands them out without thinking of attackers. */
export const naively: object = {
  ...kinds,
  later,
  laterFails: async (name: unknown) => failing(await later(name)),
  never,
  sync: Object.fromEntries(entries.map(([name, fn]) => [`${name}Sync`, fn])),
}

function heard(line: ConsoleLine): void {
  const { contextId, key, level, text, ...rest } = line
  for (const part of [contextId, key, level, text]) {
    if (typeof part !== 'string') wrong += `the console got a ${typeof part}\n`
  }
  if (!LEVELS.has(level)) wrong += `the console got the level ${level}\n`
  if (Reflect.ownKeys(rest).length > 0) wrong += 'the console got more than a line\n'
}

export const equipped: VmServiceOptions = { functions, console: heard }
