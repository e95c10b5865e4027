import type { WebKit } from './kit.js'
import type { DECODE } from './ops.js'

export interface WebText {
  readonly TextEncoder: unknown
  readonly TextDecoder: unknown
}

/**
 * TextEncoder and TextDecoder. The worker turns text into bytes and back; what a stream has left
 * over between two pieces is kept here.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createText(kit: WebKit, flags: typeof DECODE): WebText {
  const { ask, ops, U8, charCodeAt, slice, viewLength, viewSet } = kit

  /** Units of a text that are looked at here, before the worker is asked. */
  const SHORT = 32

  function encode(text: string): Uint8Array {
    const { length } = text
    if (length <= SHORT) {
      const bytes = new U8(length)
      let i = 0
      for (; i < length; i++) {
        const unit = charCodeAt(text, i)
        if (unit > 0x7f) break
        bytes[i] = unit
      }
      if (i === length) return bytes
    }
    const bytes = ask(ops.utf8, text)
    if (typeof bytes !== 'object') throw new kit.RangeErrorOf('Array buffer allocation failed')
    return bytes as Uint8Array
  }

  /** The units of the text that these bytes are. */
  function unitsOf(bytes: Uint8Array): number {
    const size = viewLength(bytes)
    let units = 0
    for (let i = 0; i < size; i++) {
      const byte = bytes[i] as number
      if (byte < 0x80 || byte > 0xbf) units += byte > 0xef ? 2 : 1
    }
    return units
  }

  class TextEncoder {
    readonly #brand = 'utf-8'

    static {
      kit.mark((value) => #brand in value)
    }

    get encoding(): string {
      return this.#brand
    }

    encode(input: unknown = ''): Uint8Array {
      if (!(#brand in this)) throw kit.invalidThis('TextEncoder')
      return encode(`${input}`)
    }

    encodeInto(source: unknown, target: unknown): { read: number; written: number } {
      if (!(#brand in this)) throw kit.invalidThis('TextEncoder')
      if (typeof source !== 'string') {
        throw kit.invalid('The "src" argument must be of type string')
      }
      if (!kit.isView(target) || kit.viewTag(target) !== 'Uint8Array') {
        throw kit.invalid('The "dest" argument must be an instance of Uint8Array')
      }
      const room = viewLength(target)
      // No unit takes less than a byte: what lies past that many can't get in.
      const text = source.length > room ? slice(source, 0, room) : source
      const bytes = ask(ops.utf8Within, text, room)
      if (typeof bytes !== 'object' || bytes === null) {
        throw new kit.RangeErrorOf('Array buffer allocation failed')
      }
      viewSet(target, bytes)
      return { read: unitsOf(bytes), written: viewLength(bytes) }
    }
  }

  /** How many bytes at the end begin a character that is not all there. */
  function unfinishedUtf8(bytes: Uint8Array, size: number): number {
    for (let back = 1; back <= 3 && back <= size; back++) {
      const byte = bytes[size - back] as number
      if (byte < 0x80) return 0
      if (byte < 0xc0) continue
      if (byte < 0xc2 || byte > 0xf4) return 0
      const wanted = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
      if (back >= wanted) return 0
      if (back === 1) return 1
      // The second has narrower bounds after some of the first.
      const second = bytes[size - back + 1] as number
      const low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
      const high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
      return second >= low && second <= high ? back : 0
    }
    return 0
  }

  function unfinishedUtf16(bytes: Uint8Array, size: number, highByte: number): number {
    const odd = size % 2
    if (size - odd < 2) return odd
    const high = bytes[size - odd - 2 + highByte] as number
    return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd
  }

  function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
    const size = viewLength(first)
    if (size === 0) return second
    const both = new U8(size + viewLength(second))
    viewSet(both, first)
    viewSet(both, second, size)
    return both
  }

  /** A copy of a part: a script can't take its memory away, nor change it. */
  function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
    const out = new U8(to - from)
    for (let i = from; i < to; i++) out[i - from] = bytes[i] as number
    return out
  }

  class TextDecoder {
    readonly #encoding: string
    readonly #isFatal: boolean
    readonly #keepsMark: boolean
    /** Of a stream: bytes of a character that is not all there, or all that there has been. */
    #left: Uint8Array = new U8(0)
    /** Units of the text of `#left` that have been given out. */
    #given = 0
    #hasBegun = false

    static {
      kit.mark((value) => #encoding in value)
    }

    constructor(label: unknown = 'utf-8', options: unknown = undefined) {
      const text = `${label}`
      if (options !== undefined && options !== null && typeof options !== 'object') {
        throw kit.invalid('The "options" argument must be of type object')
      }
      const given = options as { fatal?: unknown; ignoreBOM?: unknown } | null | undefined
      const encoding = ask(ops.encodingOf, text)
      if (typeof encoding !== 'string') {
        const message = `The "${text}" encoding is not supported`
        throw kit.nodeError(kit.RangeErrorOf, 'ERR_ENCODING_NOT_SUPPORTED', message)
      }
      this.#encoding = encoding
      this.#isFatal = !!given?.fatal
      this.#keepsMark = !!given?.ignoreBOM
    }

    get encoding(): string {
      return this.#encoding
    }

    get fatal(): boolean {
      return this.#isFatal
    }

    get ignoreBOM(): boolean {
      return this.#keepsMark
    }

    decode(input: unknown = undefined, options: unknown = undefined): string {
      if (!(#encoding in this)) throw kit.invalidThis('TextDecoder')
      const piece = input === undefined ? new U8(0) : kit.bytesOf(input, 'list')
      if (options !== undefined && options !== null && typeof options !== 'object') {
        throw kit.invalid('The "options" argument must be of type object')
      }
      const isStream = !!(options as { stream?: unknown } | null | undefined)?.stream
      const text = this.#text(joined(this.#left, piece), isStream)
      let from = 0
      if (!this.#hasBegun && text.length > 0) {
        this.#hasBegun = isStream
        if (!this.#keepsMark && charCodeAt(text, 0) === 0xfeff && this.#isUnicode()) from = 1
      }
      if (!isStream) this.#hasBegun = false
      return from ? slice(text, from) : text
    }

    #isUnicode(): boolean {
      return (
        this.#encoding === 'utf-8' || this.#encoding === 'utf-16le' || this.#encoding === 'utf-16be'
      )
    }

    #text(bytes: Uint8Array, isStream: boolean): string {
      const size = viewLength(bytes)
      let end = size
      if (isStream) {
        if (this.#encoding === 'utf-8') end -= unfinishedUtf8(bytes, size)
        else if (this.#isUnicode()) {
          end -= unfinishedUtf16(bytes, size, this.#encoding === 'utf-16le' ? 1 : 0)
        }
      }
      // Where characters begin in other encodings only their decoder knows: it is given all of it again.
      const isWhole = this.#isUnicode()
      const given = this.#given
      this.#given = 0
      this.#left = new U8(0)
      const whole = isWhole && end < size ? part(bytes, 0, end) : bytes
      const how = (this.#isFatal ? flags.fatal : 0) + (isStream && !isWhole ? flags.stream : 0)
      const text = viewLength(whole) ? ask(ops.decode, whole, this.#encoding, how) : ''
      if (typeof text !== 'string') {
        this.#hasBegun = false
        const message = `The encoded data was not valid for encoding ${this.#encoding}`
        throw kit.nodeError(kit.TypeErrorOf, 'ERR_ENCODING_INVALID_ENCODED_DATA', message)
      }
      if (isStream) {
        this.#left = part(bytes, isWhole ? end : 0, size)
        this.#given = isWhole ? 0 : text.length
      }
      return given ? slice(text, given) : text
    }
  }

  kit.expose(TextEncoder, 'TextEncoder')
  kit.expose(TextDecoder, 'TextDecoder')
  return { TextEncoder, TextDecoder }
}
