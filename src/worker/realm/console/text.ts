/** What a call of the console may still write, and look at. */
export interface Work {
  /** Characters; a little may come on top before it is noticed. */
  left: number
  /** Properties, entries and the like. */
  steps: number
  /** Characters known to have been left out. */
  missing: number
  /** Whether something was left out whose size is not known. */
  isPartial: boolean
}

/** A list that no property of `Array.prototype` gets in the way of. */
export type List<T> = Record<number, T> & { length: number }

export interface Layout {
  /** How wide a line may be. */
  readonly width: number
  readonly indent: number
  /** What stands before the opening brace. */
  readonly base: string
  readonly open: string
  readonly close: string
  /** Whether the entries are an array's, and line up in columns where there are many. */
  readonly isList: boolean
  /** Whether all of them are numbers, which line up at their right. */
  readonly isNumeric: boolean
  /** Whether they may stand in one line, if they fit. */
  readonly isShallow: boolean
}

export interface Text {
  list<T>(): List<T>
  add<T>(to: List<T>, item: T): void
  /** A string's beginning, and how much follows. */
  clip(text: string, most: number): string
  /** A string as it is, as much of it as there is room for. */
  take(text: string, work: Work): string
  escape(text: string): string
  quote(text: string): string
  /** A string among others, where a long one breaks at its ends of lines. */
  literal(text: string, most: number, room: number, indent: number): string
  number(value: number): string
  bigint(value: bigint): string
  isName(text: string): boolean
  indented(text: string, by: number, most: number): string
  layout(entries: List<string>, as: Layout): string
}

/**
 * How pieces of text are cut, quoted and put together, by the rules of Node's `util.inspect`.
 *
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs.
 */
export function createText(): Text {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to?: number) => string
  const codeAt = uncurry(String.prototype.charCodeAt) as (s: string, i: number) => number
  const indexOf = uncurry(String.prototype.indexOf) as (s: string, of: string, i?: number) => number
  const repeat = uncurry(String.prototype.repeat) as (s: string, times: number) => string
  const padStart = uncurry(String.prototype.padStart) as (s: string, to: number) => string
  const padEnd = uncurry(String.prototype.padEnd) as (s: string, to: number) => string
  const upper = uncurry(String.prototype.toUpperCase) as (s: string) => string
  const hex = uncurry(Number.prototype.toString) as (n: number, radix: number) => string
  const { setPrototypeOf } = Object
  const { sqrt, round, floor, min, max } = Math

  /** A string can be shared pieces, which take no memory until they are looked at. */
  const LONGEST_LOOK = 1024 * 1024
  /** More bits take V8 long to write in decimals. */
  const LARGEST = 1n << 16_384n
  const LISTED = 100
  const shorthands = { __proto__: null, 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 92: '\\' }

  function list<T>(): List<T> {
    return setPrototypeOf([], null) as List<T>
  }

  function add<T>(to: List<T>, item: T): void {
    to[to.length] = item
  }

  function head(text: string, most: number): string {
    return text.length <= LONGEST_LOOK ? slice(text, 0, max(most, 0)) : ''
  }

  function more(count: number, of: string): string {
    return `... ${count} more ${of}${count > 1 ? 's' : ''}`
  }

  function clip(text: string, most: number): string {
    if (text.length <= most && text.length <= LONGEST_LOOK) return text
    const shown = head(text, most)
    return `${shown}${more(text.length - shown.length, 'character')}`
  }

  function take(text: string, work: Work): string {
    if (text.length <= work.left) {
      work.left -= text.length
      return text
    }
    const shown = head(text, work.left)
    work.missing += text.length - shown.length
    work.left = 0
    return shown
  }

  function escaped(code: number): string {
    const shorthand = shorthands[code as 8]
    if (shorthand) return `\\${shorthand}`
    if (code > 255) return `\\u${hex(code, 16)}`
    return `\\x${code < 16 ? '0' : ''}${upper(hex(code, 16))}`
  }

  function unprinted(text: string, quote = ''): string {
    let out = ''
    let from = 0
    for (let i = 0; i < text.length; i++) {
      const code = codeAt(text, i)
      if (code >= 32 && code < 127 && code !== 92 && text[i] !== quote) continue
      if (code >= 160 && (code < 0xd800 || code > 0xdfff)) continue
      if (code >= 0xd800 && code <= 0xdbff && i + 1 < text.length) {
        const next = codeAt(text, i + 1)
        if (next >= 0xdc00 && next <= 0xdfff) {
          i++
          continue
        }
      }
      out += slice(text, from, i) + (text[i] === quote ? `\\${quote}` : escaped(code))
      from = i + 1
    }
    return from === 0 ? text : out + slice(text, from)
  }

  function quote(text: string): string {
    if (indexOf(text, "'") < 0) return `'${unprinted(text, "'")}'`
    if (indexOf(text, '"') < 0) return `"${unprinted(text)}"`
    if (indexOf(text, '`') < 0 && indexOf(text, '${') < 0) return `\`${unprinted(text)}\``
    return `'${unprinted(text, "'")}'`
  }

  function literal(text: string, most: number, room: number, indent: number): string {
    const shown = text.length > most || text.length > LONGEST_LOOK ? head(text, most) : text
    const rest = text.length - shown.length
    const trailer = rest > 0 ? more(rest, 'character') : ''
    if (shown.length <= 16 || shown.length <= room) return quote(shown) + trailer
    let out = ''
    let from = 0
    while (from < shown.length) {
      const end = indexOf(shown, '\n', from)
      const to = end < 0 ? shown.length : end + 1
      if (from > 0) out += ` +\n${repeat(' ', indent + 2)}`
      out += quote(slice(shown, from, to))
      from = to
    }
    return out + trailer
  }

  function bigint(value: bigint): string {
    return value < LARGEST && value > -LARGEST ? `${value}n` : '[a bigint of more than 16384 bits]'
  }

  function isName(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = codeAt(text, i)
      const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
      if (!isLetter && (i === 0 || code < 48 || code > 57)) return false
    }
    return text !== ''
  }

  function indented(text: string, by: number, most: number): string {
    if (by === 0) return text
    const indent = repeat(' ', by)
    let out = indent
    let from = 0
    for (let end = indexOf(text, '\n'); end >= 0 && out.length < most; ) {
      out += slice(text, from, end + 1) + indent
      from = end + 1
      end = indexOf(text, '\n', from)
    }
    return out + slice(text, from)
  }

  function join(entries: List<string>, by: string): string {
    let out = ''
    for (let i = 0; i < entries.length; i++) out += i === 0 ? entries[i] : by + entries[i]
    return out
  }

  /** Whether entries are short enough for one line. */
  function fits(entries: List<string>, start: number, { width, base }: Layout): boolean {
    let total = entries.length + start
    if (total + entries.length > width) return false
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as string
      total += entry.length
      if (total > width || indexOf(entry, '\n') >= 0) return false
    }
    return indexOf(base, '\n') < 0
  }

  function layout(entries: List<string>, as: Layout): string {
    const { indent, open, close, base } = as
    const lead = base === '' ? open : `${base} ${open}`
    const rows = as.isList && entries.length > 6 ? columns(entries, as) : entries
    if (as.isShallow && rows === entries) {
      const start = entries.length + indent + open.length + base.length + 10
      if (fits(entries, start, as)) return `${lead} ${join(entries, ', ')} ${close}`
    }
    const line = `\n${repeat(' ', indent)}`
    return `${lead}${line}  ${join(rows, `,${line}  `)}${line}${close}`
  }

  /** Rows of many short entries, about as high as they are wide. */
  function columns(entries: List<string>, { width, indent, isNumeric }: Layout): List<string> {
    // How many more there are stands by itself.
    const count = entries.length > LISTED ? entries.length - 1 : entries.length
    let total = 0
    let longest = 0
    for (let i = 0; i < count; i++) {
      const { length } = entries[i] as string
      total += length + 2
      longest = max(longest, length)
    }
    const widest = longest + 2
    if (widest * 3 + indent >= width || (total / widest <= 5 && longest > 6)) return entries
    const biased = max(widest - 3 - sqrt(widest - total / entries.length), 1)
    const square = round(sqrt(2.5 * biased * count) / biased)
    const across = min(square, floor((width - indent) / widest), 12, 15)
    if (across <= 1) return entries
    const widths = list<number>()
    for (let i = 0; i < across; i++) {
      let most = 0
      for (let j = i; j < count; j += across) most = max(most, (entries[j] as string).length)
      add(widths, most + 2)
    }
    const rows = list<string>()
    for (let i = 0; i < count; i += across) {
      const last = min(i + across, count) - 1
      let row = ''
      for (let j = i; j <= last; j++) {
        const entry = j < last ? `${entries[j]}, ` : (entries[j] as string)
        const to = widths[j - i] as number
        if (isNumeric) row += padStart(entry, j < last ? to : to - 2)
        else row += j < last ? padEnd(entry, to) : entry
      }
      add(rows, row)
    }
    if (count < entries.length) add(rows, entries[count] as string)
    return rows
  }

  return {
    __proto__: null,
    list,
    add,
    clip,
    take,
    escape: (text: string) => unprinted(text),
    quote,
    literal,
    number: (value: number) => (value === 0 && 1 / value < 0 ? '-0' : `${value}`),
    bigint,
    isName,
    indented,
    layout,
  } as unknown as Text
}
