import { TAGS, type Tagged, type TaggedClass, type Tags, type ValueOptions } from './format.js'
import { createPrepare } from './prepare.js'
import { createRevive } from './revive.js'

/**
 * The value codec: what travels between a service and a context, and how.
 *
 * It lives in two places: in the supervisor and, as source text, inside contexts. Bytes and primitives
 * are all that ever crosses a realm; for those see `simple.ts`.
 */

/** What the codec uses of msgpackr: one private copy per realm (see `msgpack.ts`). */
export interface Msgpack {
  Packr: new (options: Record<string, unknown>) => Packr
  addExtension(extension: Record<string, unknown>): void
}

interface Packr {
  pack(value: unknown): Uint8Array
  unpack(bytes: Uint8Array): unknown
}

export interface ValueCodec {
  /**
   * Encodes a value; `root` begins the path in a report. The bytes are the caller's to
   * keep. Throws what `ValueOptions.problem` builds when something in it can't travel.
   */
  encode(value: unknown, root: string): Uint8Array
  /** Half of that: a copy of a value as it is now, for `pack`. Throws like `encode`. */
  snapshot(value: unknown, root: string): unknown
  /** The other half. */
  pack(snapshot: unknown): Uint8Array
  /** Decodes bytes that `encode` made, with the classes of this realm. */
  decode(bytes: Uint8Array): unknown
  /** Whether a value is a `Uint8Array` that has its bytes: they can travel without `encode`. */
  isBytes(value: object): value is Uint8Array
  /** Whether msgpackr is there; until then `encode` and `decode` throw. */
  isLoaded(): boolean
  /** Hands in msgpackr: a copy of its own. */
  load(msgpack: Msgpack): void
  /** Forgets msgpackr, which may have been cut short in the middle of its work. */
  unload(): void
}

/** Self-contained, given its parts: it runs inside contexts too. */
export function createCodec(
  tags: Tags,
  preparing: typeof createPrepare,
  reviving: typeof createRevive,
  options: ValueOptions,
): ValueCodec {
  const TaggedValue: TaggedClass = class {
    tag: number
    data: unknown
    constructor(tag: number, data: unknown) {
      this.tag = tag
      this.data = data
    }
  }
  const { bind, call } = Function.prototype
  const { getPrototypeOf, getOwnPropertyDescriptor } = Object
  const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object
  const getter = (name: PropertyKey): ((view: object) => unknown) =>
    bind.call(call, getOwnPropertyDescriptor(TypedArrayPrototype, name)?.get) as never
  const viewTag = getter(Symbol.toStringTag)
  const viewLength = getter('length')
  const prepare = preparing(tags, TaggedValue, options)
  const revival = reviving(tags)
  let packr: Packr | undefined

  return {
    encode: (value, root) => (packr as Packr).pack(prepare(value, root)),
    snapshot: (value, root) => prepare(value, root, true),
    pack: (snapshot) => (packr as Packr).pack(snapshot),
    decode(bytes) {
      revival.begin()
      return (packr as Packr).unpack(bytes)
    },
    // None of a buffer that was detached: the codec says why that can't travel.
    isBytes: (value): value is Uint8Array =>
      viewTag(value) === 'Uint8Array' && (viewLength(value) as number) > 0,
    isLoaded: () => packr !== undefined,
    load(msgpack) {
      msgpack.addExtension({
        Class: TaggedValue,
        type: 1,
        write: (value: Tagged) => [value.tag, value.data],
        read: (pair: [unknown, never]) => revival.revive(pair[0], pair[1]),
      })
      packr = new msgpack.Packr({
        useRecords: false,
        structuredClone: false,
        moreTypes: false,
        variableMapSize: true,
        useToJSON: false,
        copyBuffers: true,
        int64AsType: 'bigint',
      })
    },
    unload() {
      packr = undefined
    },
  }
}

/** A codec for the realm of this module. */
export function createValueCodec(options: ValueOptions, msgpack: Msgpack): ValueCodec {
  const codec = createCodec(TAGS, createPrepare, createRevive, options)
  codec.load(msgpack)
  return codec
}

/** The codec's program for another realm: an expression whose value takes `ValueOptions`. */
export const codecSource = `((options) => (${createCodec})(
  ${JSON.stringify(TAGS)}, ${createPrepare}, ${createRevive}, options))`
