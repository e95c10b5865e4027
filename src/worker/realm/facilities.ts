import type { ValueCodec } from '../../wire/values/codec.js'
import type { ValueProblem } from '../../wire/values/format.js'
import type { ConsoleLimits, ContextConsole } from './console.js'
import type { createHost } from './host.js'
import type { Host } from './host-types.js'
import type { Lazy } from './lazy.js'
import type { Primitive } from './outcome.js'
import type { Clock, createTimers, TimerFunctions, TimerOptions } from './timers.js'
import type { WebExtras, WebGlobals } from './web/globals.js'
import type { Cross } from './web/ops.js'

/**
 * What a context has beyond the language, as far as its service gives it: functions of the host, a
 * console, timers and the globals of the web. Most of it is made when a script first touches it.
 *
 * `createFacilities` is carried into contexts as source text: it refers to nothing outside itself, and
 * captures the intrinsics it needs before any script runs.
 */

/** What the worker looks at when a turn ends. */
export interface Facilities {
  /** Adds functions of the host; see `Host.add`. */
  add(names: string): void
  /** A turn begins: there is room again for what scripts print. */
  refill(): void
  /** Undefined while there is nothing of it. */
  host: Host | undefined
  clock: Clock | undefined
}

/** What is asked of the worker, beyond `WEB_OPS`. */
export const CROSS = {
  /**
   * The call on whose account the turn is; 0 for none, -1 for one that was given up. Who wants to know
   * wants something of the host, or sets a timer: it is looked after when the turn ends.
   */
  account: 101,
  /** Milliseconds of the worker's clock. */
  now: 102,
  /** Calls a function of the host, by its number, with encoded arguments. */
  ask: 103,
  /** Says so of what a script prints. */
  equip: 104,
} as const

export interface FacilityOptions {
  /** Host calls of a context that may be under way. */
  readonly maxPending: number
  /** The largest encoded arguments of one, in bytes. */
  readonly maxSize: number
  /** Undefined for no timers. */
  readonly timers: TimerOptions | undefined
  /** What scripts may print in a turn; nothing of it goes anywhere if that is undefined. */
  readonly console: ConsoleLimits | undefined
}

type MakeConsole = (
  emit: (level: number, text: string) => void,
  now: () => number,
  limits: ConsoleLimits,
) => ContextConsole

type MakeWeb = (cross: Cross, extras: WebExtras) => WebGlobals

export interface FacilityParts {
  readonly makeHost: typeof createHost
  readonly makeTimers: typeof createTimers
  readonly lazy: Lazy
  readonly makeConsole: MakeConsole | undefined
  readonly makeWeb: MakeWeb | undefined
  readonly ops: typeof CROSS
  readonly codec: ValueCodec
  problemOf(error: unknown): ValueProblem | undefined
  readonly cross: Cross
  readonly options: FacilityOptions
}

export function createFacilities({
  makeHost,
  makeTimers,
  lazy,
  makeConsole,
  makeWeb,
  ops,
  codec,
  problemOf,
  cross,
  options,
}: FacilityParts): Facilities {
  const RangeErrorOf = RangeError

  /** Whatever goes wrong out there is of another realm, and stays there. */
  function ask(op: number, a?: Primitive | Uint8Array, b?: Primitive): Primitive | Uint8Array {
    try {
      return cross(op, a, b)
    } catch {
      return undefined
    }
  }
  /** There is always an answer, unless there was no stack left to ask. */
  function sure(op: number): number {
    const answer = ask(op)
    if (typeof answer === 'number') return answer
    throw new RangeErrorOf('Maximum call stack size exceeded')
  }
  const account = (): number => sure(ops.account)
  const now = (): number => sure(ops.now)
  const printing =
    options.console &&
    makeConsole?.((level, text) => host().line(level, text), now, options.console)
  const report = (printing?.console as { error?: (...args: unknown[]) => void } | undefined)?.error

  function host(): Host {
    facilities.host ??= makeHost({
      codec,
      problemOf,
      account,
      equip: () => void sure(ops.equip),
      ask: (fn, args) => ask(ops.ask, args, fn) as Uint8Array | number | undefined,
      maxSize: options.maxSize,
      maxPending: options.maxPending,
    })
    return facilities.host
  }

  let functions: TimerFunctions | undefined
  function timers(): TimerFunctions {
    if (functions) return functions
    const made = makeTimers({
      ...(options.timers as TimerOptions),
      now,
      account,
      uncaught: (error) => report?.('Uncaught', error),
    })
    facilities.clock = made.clock
    functions = made.functions
    return functions
  }

  const facilities = {
    __proto__: null,
    add: (names: string) => host().add(names),
    refill: () => printing?.refill(),
    host: undefined,
    clock: undefined,
  } as unknown as Facilities

  if (printing) lazy('console', () => printing.console)
  if (options.timers) {
    lazy('setTimeout', () => timers().setTimeout)
    lazy('setInterval', () => timers().setInterval)
    lazy('clearTimeout', () => timers().clearTimeout)
    lazy('clearInterval', () => timers().clearInterval)
  }
  makeWeb?.(cross, {
    setTimeout: options.timers && ((callback, delay) => timers().setTimeout(callback, delay)),
  }).define(lazy)
  return facilities
}
