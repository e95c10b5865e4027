import type { Entries } from './entries.js'
import type { Inspect } from './inspect.js'
import type { Look } from './look.js'
import type { Text, Work } from './text.js'

export interface Format {
  /** A call's arguments as one text, the first of them with its directives filled in. */
  all(args: readonly unknown[], work: Work): string
  /** Arguments from `from` on, side by side. */
  plain(args: readonly unknown[], from: number, work: Work): string
}

/**
 * Node's `util.format`. Self-contained: it is carried into contexts as source text, and captures
 * the intrinsics it needs before any script runs.
 */
export function createFormat(text: Text, inspect: Inspect, look: Look, entries: Entries): Format {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to?: number) => string
  const indexOf = uncurry(String.prototype.indexOf) as (s: string, of: string, i?: number) => number
  const startsWith = uncurry(String.prototype.startsWith) as (s: string, by: string) => boolean
  const has = uncurry(Set.prototype.has) as (set: unknown, value: unknown) => boolean
  const { getOwnPropertyDescriptor } = Object
  const { stringify } = JSON
  const toPrimitive: typeof Symbol.toPrimitive = Symbol.toPrimitive
  const NumberOf = Number
  const StringOf = String
  const int = parseInt
  const float = parseFloat
  const datePrimitive = Date.prototype[toPrimitive]
  /** Of objects that say nothing by themselves. */
  const builtin = new Set<unknown>()
  const Classes = [
    Object,
    Array,
    Function,
    Error,
    Date,
    RegExp,
    Number,
    String,
    Boolean,
    Symbol,
    BigInt,
  ]
  for (let i = 0; i < Classes.length; i++)
    builtin.add((Classes[i] as typeof Object).prototype.toString)

  const UNREADABLE = '[unreadable]'
  const tooLarge = { __proto__: null }

  function attempt(read: () => string): string {
    try {
      return read()
    } catch {
      return UNREADABLE
    }
  }

  function isCircular(error: unknown): boolean {
    try {
      const message = getOwnPropertyDescriptor(error, 'message')
      return !!message && startsWith(message.value, 'Converting circular structure to JSON')
    } catch {
      return false
    }
  }

  /** As much as there is room for is all that is read. */
  function json(value: unknown, work: Work): string {
    let cost = 0
    const count = (key: string, item: unknown) => {
      cost += key.length + 1
      if (typeof item === 'string') cost += item.length
      if (typeof item === 'object' && item !== null) {
        cost += entries.lengthOf(item, look.at(item).kind)
      }
      if (cost > work.left) throw tooLarge
      return item
    }
    try {
      return `${stringify(value, count)}`
    } catch (error) {
      if (error === tooLarge) work.isPartial = true
      return error === tooLarge ? '[too large]' : isCircular(error) ? '[Circular]' : UNREADABLE
    }
  }

  function saysNothing(value: object): boolean {
    const convert: unknown = value.toString
    if (typeof convert !== 'function') return true
    const own: unknown = (value as { [Symbol.toPrimitive]?: unknown })[toPrimitive]
    if (typeof own === 'function' && own !== datePrimitive) return false
    return has(builtin, convert)
  }

  function asString(value: unknown, work: Work): string {
    if (typeof value === 'number') return text.number(value)
    if (typeof value === 'bigint') return text.bigint(value)
    if (typeof value === 'object' && value !== null && saysNothing(value)) {
      return inspect(value, work, 0)
    }
    return text.take(StringOf(value), work)
  }

  function asNumber(value: unknown, read: (value: never) => number): string {
    if (typeof value === 'symbol') return 'NaN'
    return text.number(read(value as never))
  }

  function short(value: unknown): string {
    return slice(text.clip(typeof value === 'string' ? value : StringOf(value), 1024), 0, 1024)
  }

  function directive(kind: string | undefined, value: unknown, work: Work): string | undefined {
    switch (kind) {
      case 's':
        return attempt(() => asString(value, work))
      case 'd':
        if (typeof value === 'bigint') return text.bigint(value)
        return attempt(() => asNumber(value, NumberOf))
      case 'i':
        if (typeof value === 'bigint') return text.bigint(value)
        return attempt(() => asNumber(value, () => int(short(value))))
      case 'f':
        return attempt(() => asNumber(value, () => float(short(value))))
      case 'j':
        return json(value, work)
      case 'o':
        return inspect(value, work, 4, true)
      case 'O':
        return inspect(value, work)
      case 'c':
        return ''
      default:
        return undefined
    }
  }

  function plain(args: readonly unknown[], from: number, work: Work): string {
    let out = ''
    for (let i = from; i < args.length; i++) {
      if (work.left <= 0) {
        work.isPartial = true
        break
      }
      const value = args[i]
      if (i > from) out += text.take(' ', work)
      out += typeof value === 'string' ? text.take(value, work) : inspect(value, work)
    }
    return out
  }

  function all(args: readonly unknown[], work: Work): string {
    const first = args[0]
    if (typeof first !== 'string' || args.length === 1) return plain(args, 0, work)
    const template = text.take(first, work)
    let out = ''
    let used = 1
    let from = 0
    let at = indexOf(template, '%')
    while (at >= 0 && at + 1 < template.length) {
      const kind = template[at + 1]
      if (kind === '%') {
        out += slice(template, from, at + 1)
        from = at + 2
      } else if (used < args.length && work.left > 0) {
        const filled = directive(kind, args[used], work)
        if (filled !== undefined) {
          out += slice(template, from, at) + filled
          from = at + 2
          used++
        }
      }
      at = indexOf(template, '%', at + 2)
    }
    out += slice(template, from)
    if (used === args.length) return out
    return out + text.take(' ', work) + plain(args, used, work)
  }

  return { __proto__: null, all, plain } as unknown as Format
}
