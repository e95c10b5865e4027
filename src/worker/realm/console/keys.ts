import type { Base } from './base.js'
import type { List, Text } from './text.js'

/** The keys of what is shown beside an object's entries. */
export interface Keys {
  of(value: object, hidden: boolean): List<PropertyKey>
  /** The same without a list's elements. */
  beside(value: object, hidden: boolean, length: number): List<PropertyKey>
  /** The same without what an error's text, `shown`, says already. */
  ofError(error: object, hidden: boolean, shown: string): List<PropertyKey>
  text(key: PropertyKey, isEnumerable: boolean): string
}

/**
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs.
 */
export function createKeys(text: Text, base: Base): Keys {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { list, add, clip, quote } = text
  const { ownKeys } = Reflect
  const { isArray } = Array
  const { keys, hasOwn, getOwnPropertyDescriptor, getOwnPropertySymbols, setPrototypeOf } = Object
  const isEnumerable = uncurry(Object.prototype.propertyIsEnumerable) as (
    o: object,
    key: PropertyKey,
  ) => boolean
  const symbolText = uncurry(Symbol.prototype.toString) as (v: symbol) => string

  const LONGEST_NAME = 1024
  /** What has more elements shows no other properties: listing them would list its elements. */
  const MOST_LISTED = 10_000

  function keysOf(value: object, hidden: boolean): List<PropertyKey> {
    if (hidden) return setPrototypeOf(ownKeys(value), null)
    const found = setPrototypeOf(keys(value), null) as List<PropertyKey>
    const symbols = getOwnPropertySymbols(value)
    for (let i = 0; i < symbols.length && i < MOST_LISTED; i++) {
      if (isEnumerable(value, symbols[i] as symbol)) add(found, symbols[i] as symbol)
    }
    return found
  }

  function isIndex(key: PropertyKey): boolean {
    return typeof key === 'string' && `${(key as never) >>> 0}` === key
  }

  /** A list's elements come first among its keys. */
  function otherKeys(value: object, hidden: boolean, length: number): List<PropertyKey> {
    const found = list<PropertyKey>()
    if (length > MOST_LISTED) return found
    const all = keysOf(value, hidden)
    let from = all.length
    while (from > 0 && !isIndex(all[from - 1] as PropertyKey)) from--
    for (let i = from; i < all.length; i++) add(found, all[i] as PropertyKey)
    return found
  }

  function errorKeys(error: object, hidden: boolean, shown: string): List<PropertyKey> {
    const all = keysOf(error, hidden)
    const left = list<PropertyKey>()
    let hasCause = false
    let hasErrors = false
    for (let i = 0; i < all.length; i++) {
      const key = all[i] as PropertyKey
      if (key === 'cause') hasCause = true
      if (key === 'errors') hasErrors = true
      if (hidden || !base.isTold(error, key, shown)) add(left, key)
    }
    if (!hasCause && hasOwn(error, 'cause')) add(left, 'cause')
    if (!hasErrors && isArray(getOwnPropertyDescriptor(error, 'errors')?.value)) add(left, 'errors')
    return left
  }

  function keyText(key: PropertyKey, enumerable: boolean): string {
    let shown: string
    if (typeof key === 'symbol') shown = text.escape(clip(symbolText(key), LONGEST_NAME))
    else if (key === '__proto__') shown = "['__proto__']"
    else if (text.isName(key as string)) shown = clip(key as string, LONGEST_NAME)
    else shown = quote(clip(key as string, LONGEST_NAME))
    return enumerable ? shown : `[${shown}]`
  }

  return {
    __proto__: null,
    of: keysOf,
    beside: otherKeys,
    ofError: errorKeys,
    text: keyText,
  } as unknown as Keys
}
