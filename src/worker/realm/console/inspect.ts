import type { Base } from './base.js'
import type { Entries } from './entries.js'
import type { Keys } from './keys.js'
import type { Look, Looks } from './look.js'
import type { List, Text, Work } from './text.js'
import type { Run, View } from './view.js'

export type Inspect = (
  value: unknown,
  work: Work,
  /** How many levels of objects within objects are shown; 2 by default. */
  depth?: number,
  /** Whether properties that are not enumerable are shown too. */
  hidden?: boolean,
  /** Entries of one list; 100 by default. */
  most?: number,
  /** How wide a line may be; 80 by default. */
  width?: number,
) => string

export interface InspectParts {
  readonly text: Text
  readonly look: Look
  readonly base: Base
  readonly keys: Keys
  readonly entries: Entries
}

/**
 * Shows any value as `util.inspect` of Node would, within a call's work. Never throws for a value's
 * sake, and calls nothing of a script's but what its objects make it call: traps of proxies, the
 * tag of a class, an error's `name`, `message` and `stack`.
 *
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs.
 */
export function createInspect({ text, look, base, keys, entries }: InspectParts): Inspect {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { list, add } = text
  const { isSpent, spend, sizeOf, lengthOf, fill, addMore, held } = entries
  const { getOwnPropertyDescriptor, getPrototypeOf } = Object
  const { min } = Math
  const ViewPrototype = getPrototypeOf(Uint8Array.prototype) as object
  const viewTag = uncurry(getOwnPropertyDescriptor(ViewPrototype, Symbol.toStringTag)?.get) as (
    v: object,
  ) => string
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to?: number) => string

  const UNREADABLE = '[unreadable]'
  const LONGEST_STRING = 10_000

  function isObject(value: unknown): value is object {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
  }

  function room({ work }: Run): number {
    return min(LONGEST_STRING, work.left > 0 ? work.left : 0)
  }

  function show(run: Run, value: unknown, level: number, indent: number): string {
    try {
      if (!isObject(value)) return spend(run, base.primitive(value, room(run), run.width, indent))
      for (let i = 0; i < level; i++) {
        if (run.seen[i] === value) return spend(run, `[Circular *${circularIndex(run, value)}]`)
      }
      return objectText(run, value, level, indent)
    } catch {
      return spend(run, UNREADABLE)
    }
  }

  function circularIndex({ circular }: Run, value: object): number {
    let i = 0
    while (i < circular.length && circular[i] !== value) i++
    if (i === circular.length) add(circular, value)
    return i + 1
  }

  function addProperty(view: View, key: PropertyKey): void {
    let entry = UNREADABLE
    try {
      const property = getOwnPropertyDescriptor(view.value, key)
      const name = keys.text(key, property?.enumerable !== false)
      spend(view.run, name)
      view.run.work.left -= 4
      entry = `${name}: ${property ? held(view, property, show) : UNREADABLE}`
    } catch {
      // A proxy refuses to be looked at.
    }
    add(view.entries, entry)
  }

  function addProperties(view: View, names: List<PropertyKey>): void {
    for (let i = 0; i < names.length; i++) {
      if (isSpent(view.run)) return addMore(view, names.length - i, 'key')
      addProperty(view, names[i] as PropertyKey)
    }
  }

  function namesOf({ run, value, base: shown }: View, kind: string): List<PropertyKey> {
    switch (kind) {
      case 'array':
      case 'view':
      case 'String':
        return keys.beside(value, run.hidden, lengthOf(value, kind))
      case 'error':
        return keys.ofError(value, run.hidden, shown)
      default:
        return keys.of(value, run.hidden)
    }
  }

  function baseOf({ run, value, indent }: View, looks: Looks): string {
    switch (looks.kind) {
      case 'function':
        return base.fn(value, looks)
      case 'RegExp':
        return base.regex(value, looks)
      case 'Date':
        return base.date(value, looks)
      case 'error':
        return base.error(value, looks, room(run), indent)
      case 'Number':
      case 'String':
      case 'Boolean':
      case 'BigInt':
      case 'Symbol':
        return base.box(value, looks, room(run))
      default:
        return ''
    }
  }

  function openOf(value: object, looks: Looks, size: number): string {
    const { name, tag, kind } = looks
    switch (kind) {
      case 'array':
        return name === 'Array' && tag === '' ? '[' : `${look.prefix(looks, 'Array', `(${size})`)}[`
      case 'view':
        return `${look.prefix(looks, viewTag(value), `(${size})`)}[`
      case 'Map':
      case 'Set':
        return `${look.prefix(looks, kind, `(${size})`)}{`
      case 'arguments':
        return '[Arguments] {'
      case '':
        return name === 'Object' && tag === '' ? '{' : `${look.prefix(looks, 'Object')}{`
      default:
        return sizeOf(value, kind) > 0 ? `${look.prefix(looks, kind)}{` : '{'
    }
  }

  function objectText(run: Run, value: object, level: number, indent: number): string {
    const looks = look.at(value)
    const { kind } = looks
    const isList = kind === 'array' || kind === 'view'
    const size = sizeOf(value, kind)
    const view: View = {
      ...{ run, value, level, indent, isList, isNumeric: true, entries: list() },
      ...{ base: '', open: openOf(value, looks, size), close: isList ? ']' : '}' },
    }
    view.base = spend(run, baseOf(view, looks))
    const names = namesOf(view, kind)
    if (size === 0 && names.length === 0) {
      return view.base === '' ? spend(run, view.open + view.close) : view.base
    }
    if (level > run.depth) {
      const name = slice(look.prefix(looks, 'Object'), 0, -1)
      return spend(run, looks.name === null ? name : `[${name}]`)
    }
    run.seen[level] = value
    run.deepest = level
    spend(run, view.open)
    fill(view, kind, size, show)
    if (names.length > 0) view.isNumeric = false
    addProperties(view, names)
    for (let i = 0; i < run.circular.length; i++) {
      if (run.circular[i] !== value) continue
      view.base = `<ref *${i + 1}>${view.base === '' ? '' : ' '}${view.base}`
    }
    return text.layout(view.entries, {
      ...{ width: run.width, indent, base: view.base, open: view.open, close: view.close },
      ...{ isList, isNumeric: view.isNumeric, isShallow: run.deepest - level < 3 },
    })
  }

  return (value, work, depth = 2, hidden = false, most = 100, width = 80) => {
    const run = { work, depth, hidden, most, width, seen: list<object>() }
    return show({ ...run, circular: list(), deepest: 0 }, value, 0, 0)
  }
}
