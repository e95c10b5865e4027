import type { Look, Looks } from './look.js'
import type { Text } from './text.js'

/** What stands for a value by itself, or before the properties of an object. */
export interface Base {
  primitive(value: unknown, most: number, width: number, indent: number): string
  fn(value: object, looks: Looks): string
  regex(value: object, looks: Looks): string
  date(value: object, looks: Looks): string
  box(value: object, looks: Looks, most: number): string
  error(value: object, looks: Looks, most: number, indent: number): string
  /** Whether what an error's property says is in its text already. */
  isTold(error: object, key: PropertyKey, shown: string): boolean
}

/**
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs.
 */
export function createBase(text: Text, look: Look): Base {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { clip } = text
  const { getOwnPropertyDescriptor, getPrototypeOf } = Object
  const { isInteger } = Number
  const getter = (prototype: object, name: PropertyKey) =>
    uncurry(getOwnPropertyDescriptor(prototype, name)?.get)
  const dateTime = uncurry(Date.prototype.getTime) as (v: object) => number
  const dateText = uncurry(Date.prototype.toISOString) as (v: object) => string
  const regexSource = getter(RegExp.prototype, 'source') as (v: object) => string
  const regexFlags = getter(RegExp.prototype, 'flags') as (v: object) => string
  const symbolText = uncurry(Symbol.prototype.toString) as (v: symbol) => string
  const sourceOf = uncurry(Function.prototype.toString) as (v: object) => string
  const errorText = uncurry(Error.prototype.toString) as (v: object) => string
  const unbox = {
    __proto__: null,
    Number: uncurry(Number.prototype.valueOf),
    String: uncurry(String.prototype.valueOf),
    Boolean: uncurry(Boolean.prototype.valueOf),
    BigInt: uncurry(BigInt.prototype.valueOf),
    Symbol: uncurry(Symbol.prototype.valueOf),
  } as unknown as Record<string, (v: object) => unknown>
  const startsWith = uncurry(String.prototype.startsWith) as (s: string, by: string) => boolean
  const endsWith = uncurry(String.prototype.endsWith) as (s: string, by: string) => boolean
  const indexOf = uncurry(String.prototype.indexOf) as (s: string, of: string, i?: number) => number
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to?: number) => string

  const LONGEST_NAME = 1024
  const LONGEST_SOURCE = 10_000
  /** Of a longer one, a part is not worth what looking at it takes. */
  const LONGEST_STACK = 1024 * 1024

  function primitive(value: unknown, most: number, width: number, indent: number): string {
    switch (typeof value) {
      case 'string':
        return text.literal(value, most, width - indent - 4, indent)
      case 'number':
        return text.number(value)
      case 'bigint':
        return text.bigint(value)
      case 'symbol':
        return clip(symbolText(value), most)
      default:
        return `${value}`
    }
  }

  function isClass(value: object): boolean {
    const prototype = getOwnPropertyDescriptor(value, 'prototype')
    return prototype?.writable === false && startsWith(sourceOf(value), 'class')
  }

  function nameOf(value: object | null): string {
    return value ? clip(look.nameOf(value), LONGEST_NAME) : '[null prototype]'
  }

  function classText(value: object, { name, tag }: Looks): string {
    let shown = `class ${nameOf(value) || '(anonymous)'}`
    if (name !== 'Function' && name !== null) shown += ` [${name}]`
    if (tag !== '' && name !== tag) shown += ` [${tag}]`
    const parent = nameOf(getPrototypeOf(value))
    return `[${shown}${parent ? ` extends ${parent}` : ''}]`
  }

  function fn(value: object, looks: Looks): string {
    if (isClass(value)) return classText(value, looks)
    const { name, tag } = looks
    const own = nameOf(value)
    const isSpecial = endsWith(tag, 'Function')
    const type = isSpecial ? tag : 'Function'
    let shown = `[${type}${name === null ? ' (null prototype)' : ''}`
    shown += own ? `: ${own}]` : ' (anonymous)]'
    if (name !== type && name !== null) shown += ` ${name}`
    return tag !== '' && tag !== name && !isSpecial ? `${shown} [${tag}]` : shown
  }

  /** What a literal says, after the class where that is another. */
  function ofClass(shown: string, looks: Looks, usual: string): string {
    const prefix = look.prefix(looks, usual)
    return prefix === `${usual} ` ? shown : prefix + shown
  }

  function regex(value: object, looks: Looks): string {
    const source = clip(regexSource(value), LONGEST_SOURCE)
    return ofClass(`/${source}/${clip(regexFlags(value), LONGEST_NAME)}`, looks, 'RegExp')
  }

  function date(value: object, looks: Looks): string {
    const time = dateTime(value)
    return ofClass(isInteger(time) ? dateText(value) : 'Invalid Date', looks, 'Date')
  }

  function box(value: object, { name, tag, kind }: Looks, most: number): string {
    const of = name === kind ? '' : ` (${name ?? 'null prototype'})`
    const inner = primitive((unbox[kind] as (v: object) => unknown)(value), most, 80, 0)
    return `[${kind}${of}: ${inner}]${tag !== '' && tag !== name ? ` [${tag}]` : ''}`
  }

  function textOf(read: () => unknown): string {
    try {
      const value = read()
      return typeof value === 'string' ? value : ''
    } catch {
      return ''
    }
  }

  function stackOf(read: () => unknown): string {
    const stack = textOf(read)
    return stack.length <= LONGEST_STACK ? stack : ''
  }

  /** A stack begins with the name of the error; its class says more. */
  function withClass(stack: string, looks: Looks, name: string): string {
    const isPlain = startsWith(stack, name) && (looks.name === null || endsWith(name, 'Error'))
    const next = stack[name.length]
    if (!isPlain || !(next === undefined || next === ':' || next === '\n')) return stack
    const prefix = slice(look.prefix(looks, name), 0, -1)
    const shown = indexOf(prefix, name) >= 0 ? prefix : `${prefix} [${name}]`
    return shown + slice(stack, name.length)
  }

  function error(value: object, looks: Looks, most: number, indent: number): string {
    const { name, message, stack } = {
      name:
        clip(
          textOf(() => (value as Error).name),
          LONGEST_NAME,
        ) || 'Error',
      message: clip(
        textOf(() => (value as Error).message),
        most,
      ),
      stack: stackOf(() => (value as Error).stack) || stackOf(() => errorText(value)),
    }
    const plain = message === '' ? name : `${name}: ${message}`
    const shown = withClass(clip(stack, most) || plain, looks, name)
    const at = message === '' ? -1 : indexOf(shown, message)
    const from = at < 0 ? 0 : at + message.length
    if (indexOf(shown, '\n    at', from) < 0) return broken(`[${shown}]`, indent)
    return broken(shown, indent)
  }

  function broken(lines: string, indent: number): string {
    return slice(text.indented(lines, indent, 1 / 0), indent)
  }

  function isTold(value: object, key: PropertyKey, shown: string): boolean {
    if (key === 'stack') return true
    if (key !== 'name' && key !== 'message') return false
    const told = textOf(() => (value as Error)[key])
    return told !== '' && told.length <= LONGEST_NAME && indexOf(shown, told) >= 0
  }

  return { __proto__: null, primitive, fn, regex, date, box, error, isTold } as unknown as Base
}
