import type { Format } from './console/format.js'
import type { Inspect } from './console/inspect.js'
import type { CONSOLE_LEVELS } from './console/levels.js'
import type { Table } from './console/table.js'
import type { Text, Work } from './console/text.js'

/** What a context may say in one turn. Characters are UTF-16 code units. */
export interface ConsoleLimits {
  /** Characters of one call. */
  readonly maxLine: number
  /** Calls whose text gets through. */
  readonly maxLines: number
  /** Characters of all calls. */
  readonly maxText: number
}

export interface ConsoleParts {
  readonly levels: typeof CONSOLE_LEVELS
  readonly text: Text
  readonly inspect: Inspect
  readonly format: Format
  readonly table: Table
}

export interface ContextConsole {
  /** What the script gets. */
  readonly console: object
  /** A turn begins: there is room again. Says how much was dropped before. */
  refill(): void
}

/**
 * The console of a context: it formats what it is given inside the context, and hands on texts. It
 * never throws for what it is given, and writes no more than its limits allow.
 *
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs. A call can be cut short anywhere, so what it needs is its own; what calls
 * share are numbers that are right at any moment, or are put right when a turn begins.
 */
export function createConsole(
  { levels, text, inspect, format, table }: ConsoleParts,
  emit: (level: number, text: string) => void,
  now: () => number,
  limits: ConsoleLimits,
): ContextConsole {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { captureStackTrace } = Error
  const { defineProperty } = Object
  const { toStringTag } = Symbol
  const { min, floor } = Math
  const indexOf = uncurry(String.prototype.indexOf) as (s: string, of: string) => number
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to?: number) => string
  const codeAt = uncurry(String.prototype.charCodeAt) as (s: string, i: number) => number
  const padStart = uncurry(String.prototype.padStart) as (
    s: string,
    to: number,
    by: string,
  ) => string
  const toFixed = uncurry(Number.prototype.toFixed) as (n: number, digits: number) => string
  const mapGet = uncurry(Map.prototype.get) as (m: unknown, key: unknown) => number | undefined
  const mapSet = uncurry(Map.prototype.set)
  const mapDelete = uncurry(Map.prototype.delete) as (m: unknown, key: unknown) => boolean
  const { maxLine, maxLines, maxText } = limits

  const UNREADABLE = '[unreadable]'
  const LONGEST_LABEL = 1024
  /** Properties, entries and the like that one call looks at. */
  const MOST_STEPS = 100_000
  /** A conversion of a script's may call the console, and that the conversion. */
  const DEEPEST_CALL = 8
  const DEEPEST_GROUP = 20
  const { debug, info, warn, error } = levels

  const counts = new Map<string, number>()
  const timers = new Map<string, number>()
  let groups = 0
  let linesLeft = maxLines
  let textLeft = maxText
  let dropped = 0
  let callsOpen = 0

  function cut(whole: string, most: number, { missing, isPartial }: Work): string {
    if (whole.length <= most && missing === 0) return whole
    const total = whole.length + missing
    const note = (left: number) => (isPartial ? '… and more' : `… ${left} more characters`)
    let kept = min(whole.length, most - note(total).length)
    if (kept < 0) return slice(whole, 0, most)
    const last = kept > 0 ? codeAt(whole, kept - 1) : 0
    // Half a character is none.
    if (last >= 0xd800 && last <= 0xdbff) kept--
    return slice(whole, 0, kept) + note(total - kept)
  }

  function write(level: number, produce: (work: Work) => string): void {
    // Cheap, for a script that says more than anybody reads.
    if (linesLeft <= 0 || textLeft <= 0 || callsOpen >= DEEPEST_CALL) {
      dropped++
      return
    }
    const opened = callsOpen
    const room = min(maxLine, textLeft)
    const work: Work = { left: room, steps: MOST_STEPS, missing: 0, isPartial: false }
    try {
      callsOpen = opened + 1
      const lines = text.indented(produced(produce, work), 2 * min(groups, DEEPEST_GROUP), room)
      callsOpen = opened
      if (linesLeft <= 0 || textLeft <= 0) {
        // What it called has used up the room.
        dropped++
        return
      }
      const shown = cut(lines, min(room, textLeft), work)
      linesLeft--
      // What is cut for want of room in the turn is the last of it.
      textLeft = room < maxLine && shown !== lines ? 0 : textLeft - shown.length
      emit(level, shown)
    } catch {
      // For want of stack. Nothing of what `emit` throws may reach the script.
      callsOpen = opened
      dropped++
    }
  }

  function produced(produce: (work: Work) => string, work: Work): string {
    try {
      return produce(work)
    } catch {
      return UNREADABLE
    }
  }

  function say(level: number, args: readonly unknown[]): void {
    write(level, (work) => format.all(args, work))
  }

  function labelOf(label: unknown): string {
    try {
      return text.clip(label === undefined ? 'default' : `${label}`, LONGEST_LABEL)
    } catch {
      return UNREADABLE
    }
  }

  function clock(): number {
    try {
      return now()
    } catch {
      return 0
    }
  }

  function two(n: number): string {
    return padStart(`${n}`, 2, '0')
  }

  function duration(ms: number): string {
    if (ms < 1000) return `${+toFixed(ms, 3)}ms`
    if (ms < 60_000) return `${toFixed(ms / 1000, 3)}s`
    const hours = floor(ms / 3_600_000)
    const minutes = floor(ms / 60_000) % 60
    const seconds = padStart(toFixed((ms % 60_000) / 1000, 3), 6, '0')
    return hours > 0
      ? `${hours}:${two(minutes)}:${seconds} (h:mm:ss.mmm)`
      : `${minutes}:${seconds} (m:ss.mmm)`
  }

  function tell(label: unknown, method: string, data: readonly unknown[]): string {
    const name = labelOf(label)
    const started = mapGet(timers, name)
    if (started === undefined) {
      write(warn, () => `No such label '${name}' for console.${method}()`)
    } else {
      const shown = duration(clock() - started)
      write(info, (work) => {
        const lead = text.take(`${name}: ${shown}`, work)
        return data.length > 0 ? `${lead} ${format.plain(data, 0, work)}` : lead
      })
    }
    return name
  }

  function depthOf(options: unknown): number {
    try {
      const { depth } = options as { depth?: unknown }
      if (depth === null) return DEEPEST_GROUP
      return typeof depth === 'number' ? min(depth, DEEPEST_GROUP) : 2
    } catch {
      return 2
    }
  }

  function openGroup(args: readonly unknown[]): void {
    if (args.length > 0) say(info, args)
    groups++
  }

  const methods = {
    log(...args: unknown[]) {
      say(info, args)
    },
    info(...args: unknown[]) {
      say(info, args)
    },
    debug(...args: unknown[]) {
      say(debug, args)
    },
    warn(...args: unknown[]) {
      say(warn, args)
    },
    error(...args: unknown[]) {
      say(error, args)
    },
    trace(...args: unknown[]) {
      write(info, (work) => {
        const lead = args.length > 0 ? `Trace: ${format.all(args, work)}` : 'Trace'
        const holder = { __proto__: null, name: 'Trace', message: '', stack: '' as unknown }
        captureStackTrace(holder, methods.trace)
        const { stack } = holder
        const at = typeof stack === 'string' ? indexOf(stack, '\n    at ') : -1
        return at < 0 ? lead : lead + text.take(slice(stack as string, at), work)
      })
    },
    assert(condition?: unknown, ...args: unknown[]) {
      if (condition) return
      write(error, (work) => {
        const lead = text.take('Assertion failed', work)
        return args.length > 0 ? `${lead}: ${format.all(args, work)}` : lead
      })
    },
    dir(value?: unknown, options?: unknown) {
      write(info, (work) => inspect(value, work, options ? depthOf(options) : 2))
    },
    dirxml(...args: unknown[]) {
      say(info, args)
    },
    table(data?: unknown, columns?: unknown) {
      write(info, (work) => table(data, columns, work) ?? format.all([data], work))
    },
    group(...args: unknown[]) {
      openGroup(args)
    },
    groupCollapsed(...args: unknown[]) {
      openGroup(args)
    },
    groupEnd() {
      if (groups > 0) groups--
    },
    count(label?: unknown) {
      const name = labelOf(label)
      const count = (mapGet(counts, name) ?? 0) + 1
      mapSet(counts, name, count)
      write(info, (work) => text.take(`${name}: ${count}`, work))
    },
    countReset(label?: unknown) {
      const name = labelOf(label)
      if (!mapDelete(counts, name)) write(warn, () => `Count for '${name}' does not exist`)
    },
    time(label?: unknown) {
      const name = labelOf(label)
      if (mapGet(timers, name) === undefined) mapSet(timers, name, clock())
      else write(warn, () => `Label '${name}' already exists for console.time()`)
    },
    timeLog(label?: unknown, ...data: unknown[]) {
      tell(label, 'timeLog', data)
    },
    timeEnd(label?: unknown) {
      mapDelete(timers, tell(label, 'timeEnd', []))
    },
    clear() {},
    timeStamp() {},
  }
  defineProperty(methods, toStringTag, {
    value: 'console',
    configurable: true,
  } as PropertyDescriptor)

  return {
    __proto__: null,
    console: methods,
    refill() {
      linesLeft = maxLines
      textLeft = maxText
      callsOpen = 0
      if (dropped === 0) return
      const lines = dropped
      dropped = 0
      emit(warn, `… and ${lines} more line${lines > 1 ? 's' : ''}`)
    },
  } as unknown as ContextConsole
}
