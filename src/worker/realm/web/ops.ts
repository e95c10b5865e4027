import type { Primitive } from '../outcome.js'

/** What a context's globals ask of the worker. Both sides know the numbers: they travel as JSON. */
export const WEB_OPS = {
  /** input, base -> components as JSON */
  urlParse: 1,
  /** href, property, value -> components as JSON */
  urlSet: 2,
  /** query -> names and values, by turns, as JSON */
  queryParse: 3,
  /** names and values as JSON -> query */
  queryWrite: 4,
  /** names and values as JSON -> the same, sorted */
  querySort: 5,
  /** text -> bytes */
  utf8: 6,
  /** text, most bytes -> as many whole characters as fit */
  utf8Within: 7,
  /** label -> name of the encoding */
  encodingOf: 8,
  /** bytes, encoding, flags of `DECODE` -> text */
  decode: 9,
  /** text -> base64 */
  toBase64: 10,
  /** base64 -> text */
  fromBase64: 11,
  /** number -> that many random bytes */
  random: 12,
  uuid: 13,
  /** Milliseconds of a clock that never goes back. */
  now: 14,
} as const

export type WebOps = typeof WEB_OPS

export const DECODE = { fatal: 1, stream: 2 } as const

/** In the order in which `urlParse` and `urlSet` give them. */
export const URL_PARTS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const

/**
 * Asks the worker: primitives and bytes by copy, both ways; `undefined` says that it can't be done.
 * It is a function of another realm, so neither it nor what it throws may reach a script.
 */
export type Cross = (
  op: number,
  a?: Primitive | Uint8Array,
  b?: Primitive,
  c?: Primitive,
) => Primitive | Uint8Array
