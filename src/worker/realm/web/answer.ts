import { atob, Buffer, btoa } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import { URL, URLSearchParams } from 'node:url'
import { TextDecoder, TextEncoder, types } from 'node:util'
import type { Primitive } from '../outcome.js'
import { DECODE, URL_PARTS, WEB_OPS } from './ops.js'

/** What crypto.getRandomValues gives at a time. */
const MOST_RANDOM = 65_536

/** Characters that a URL may have, or a query. */
const LONGEST_URL = 1024 * 1024

const UNICODE: ReadonlySet<string> = new Set(['utf-8', 'utf-16le', 'utf-16be'])
const { parse, stringify } = JSON
const { now } = performance
const clock = performance
const encoder = new TextEncoder()
const SETTABLE: ReadonlySet<unknown> = new Set(URL_PARTS.filter((name) => name !== 'origin'))
/** Without an exception, where Node has it (22.1 and later). */
const parseUrl = (URL as unknown as { parse?: (input: string, base?: string) => URL | null }).parse

/**
 * The worker's part of a context's globals. It keeps nothing between two questions, because a turn
 * may be cut short in the middle of any, and it takes whatever it is given: a script may have got
 * hold of the way here. What can't be answered is `undefined`.
 */
export function answerWeb(
  op: unknown,
  a?: unknown,
  b?: unknown,
  c?: unknown,
): Primitive | Uint8Array {
  try {
    return answer(op, a, b, c)
  } catch {
    return undefined
  }
}

function answer(op: unknown, a: unknown, b: unknown, c: unknown): Primitive | Uint8Array {
  switch (op) {
    case WEB_OPS.urlParse:
      return isShort(a) && (b === undefined || isShort(b)) ? components(urlOf(a, b)) : undefined
    case WEB_OPS.urlSet:
      return isShort(a) && isShort(c) ? setComponent(a, b, c) : undefined
    case WEB_OPS.queryParse:
      return isShort(a) ? flat(new URLSearchParams(a)) : undefined
    case WEB_OPS.queryWrite:
      return paramsOf(a)?.toString()
    case WEB_OPS.querySort: {
      const params = paramsOf(a)
      params?.sort()
      return params && flat(params)
    }
    case WEB_OPS.utf8:
      // Not a Buffer: see `exportBytes`.
      return isText(a) ? encoder.encode(a) : undefined
    case WEB_OPS.utf8Within:
      return isText(a) && isSize(b) ? utf8Within(a, b) : undefined
    case WEB_OPS.encodingOf:
      return isText(a) ? new TextDecoder(a).encoding : undefined
    case WEB_OPS.decode:
      return isBytes(a) && isText(b) && isSize(c) ? decode(a, b, c) : undefined
    case WEB_OPS.toBase64:
      return isText(a) ? btoa(a) : undefined
    case WEB_OPS.fromBase64:
      return isText(a) ? atob(a) : undefined
    case WEB_OPS.random:
      return isSize(a) && a <= MOST_RANDOM ? randomBytes(a) : undefined
    case WEB_OPS.uuid:
      return randomUUID({ disableEntropyCache: true })
    case WEB_OPS.now:
      // Finer, it would be a better clock than a script has of its own.
      return Math.floor(Reflect.apply(now, clock, []))
    default:
      return undefined
  }
}

/** Of a URL or a query: half a second for each million characters passes where no deadline is kept. */
function isShort(value: unknown): value is string {
  return isText(value) && value.length <= LONGEST_URL
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isBytes(value: unknown): value is Uint8Array {
  return types.isUint8Array(value)
}

function urlOf(input: string, base: string | undefined): URL | null {
  return parseUrl ? Reflect.apply(parseUrl, URL, [input, base]) : new URL(input, base)
}

function components(url: URL | null): string | undefined {
  return url ? stringify(URL_PARTS.map((name) => url[name])) : undefined
}

function setComponent(href: string, name: unknown, value: string): string | undefined {
  if (!SETTABLE.has(name)) return undefined
  const url = urlOf(href, undefined)
  if (!url || !isReadable(url, href)) return undefined
  url[name as Exclude<(typeof URL_PARTS)[number], 'origin'>] = value
  return isReadable(url, href) ? components(url) : undefined
}

/**
 * Node 20 and 22 make URLs that they can't read, out of `non-special://host:1` and the host `:2`, and
 * abort when such a one is changed.
 */
function isReadable(url: URL, known: string): boolean {
  return url.href === known || urlOf(url.href, undefined) !== null
}

function flat(params: URLSearchParams): string {
  const list: string[] = []
  params.forEach((value, name) => {
    list.push(name, value)
  })
  return stringify(list)
}

function paramsOf(json: unknown): URLSearchParams | undefined {
  if (!isText(json)) return undefined
  const list = parse(json) as unknown
  if (!Array.isArray(list)) return undefined
  const params = new URLSearchParams()
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] as unknown
    const value = list[i + 1] as unknown
    if (!isText(name) || !isText(value)) return undefined
    params.append(name, value)
  }
  return params
}

function utf8Within(text: string, most: number): Uint8Array {
  // No character takes more than three bytes for each of its units.
  const target = Buffer.alloc(Math.min(most, text.length * 3))
  return target.subarray(0, encoder.encodeInto(text, target).written)
}

function decode(bytes: Uint8Array, encoding: string, flags: number): string {
  const decoder = new TextDecoder(encoding, {
    fatal: (flags & DECODE.fatal) !== 0,
    // Whose byte order mark it is knows the context. (Told so, Node 20 and 22 take the first character
    // of others.)
    ignoreBOM: UNICODE.has(encoding),
  })
  return decoder.decode(bytes, { stream: (flags & DECODE.stream) !== 0 })
}
