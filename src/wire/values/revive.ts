import type { Tags } from './format.js'

export interface Revival {
  /** A message begins. */
  begin(): void
  revive(tag: unknown, data: never): unknown
}

/**
 * Rebuilds what `prepare` tagged, with the intrinsics of the realm it runs in.
 * Self-contained like `createPrepare`, and for the same reason.
 */
export function createRevive(tags: Tags): Revival {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { getPrototypeOf, keys, getOwnPropertyDescriptor, defineProperty } = Object
  const { fromCharCode } = String
  const { apply } = Reflect
  /** UTF-16 units that are made a string at a time. */
  const UNITS = 1024
  const U8 = Uint8Array
  const U16 = Uint16Array
  const TypedArrayPrototype = getPrototypeOf(U8.prototype) as object
  const viewBuffer = uncurry(getOwnPropertyDescriptor(TypedArrayPrototype, 'buffer')?.get) as (
    v: unknown,
  ) => ArrayBuffer
  const copy = uncurry(U8.prototype.slice) as (v: unknown) => Uint8Array
  const DateOf = Date
  const RegExpOf = RegExp
  const MapOf = Map
  const SetOf = Set
  const BigIntOf = BigInt
  const { now } = Date
  const TypeErrorOf = TypeError
  /** In milliseconds: an item takes a tenth of a microsecond or so. */
  const PACE_STEP = 64
  const PACE_SLACK = 500
  const PACE_PER_ITEM = 0.001
  /** What filling hash tables has taken in this message, in milliseconds, and their items so far. */
  let spent = 0
  let filled = 0
  const mapSet = uncurry(Map.prototype.set)
  const setAdd = uncurry(Set.prototype.add)
  // The closed table of what an error can come back as; the indices are the wire format.
  const errorClasses = [
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
    EvalError,
    URIError,
    Error,
  ] as ErrorConstructor[]
  const AggregateErrorOf = AggregateError
  const viewClasses = {
    __proto__: null,
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    // Node 24 and later.
    Float16Array: (globalThis as { Float16Array?: unknown }).Float16Array,
  } as unknown as Record<string, (new (buffer: ArrayBuffer) => unknown) | undefined>

  function revive(tag: unknown, data: never): unknown {
    switch (tag) {
      case tags.negativeZero:
        return -0
      case tags.utf16:
        return reviveUtf16(data)
      case tags.entries:
        return reviveEntries(data)
      case tags.date:
        return new DateOf(data as number)
      case tags.regexp:
        return new RegExpOf(data[0], data[1])
      case tags.map:
        return reviveMap(data)
      case tags.set: {
        const set = new SetOf()
        const items = data as unknown[]
        const begun = now()
        for (let i = 0; i < items.length; i++) {
          setAdd(set, items[i])
          if (i % PACE_STEP === PACE_STEP - 1) checkPace(begun, i)
        }
        pace(begun, items.length)
        return set
      }
      case tags.buffer:
        return own(data)
      case tags.view:
        return reviveView(data[0], data[1])
      case tags.error:
        return reviveError(data)
      case tags.bigint: {
        const text = data as string
        return text[0] === '-' ? -BigIntOf(`0x${text.slice(1)}`) : BigIntOf(`0x${text}`)
      }
      default:
        throw new TypeError('unknown tag')
    }
  }

  function own(bytes: Uint8Array): ArrayBuffer {
    return viewBuffer(copy(bytes))
  }

  function reviveUtf16(bytes: Uint8Array): string {
    const units = own(bytes)
    const count = bytes.length / 2
    let text = ''
    // In runs: a piece of its own for each unit would take sixteen times their memory.
    for (let i = 0; i < count; i += UNITS) {
      const run = new U16(units, i * 2, count - i < UNITS ? count - i : UNITS)
      text += apply(fromCharCode, undefined, run as unknown as number[])
    }
    return text
  }

  function setProperty(target: object, name: string, value: unknown, enumerable: boolean): void {
    defineProperty(target, name, {
      __proto__: null,
      value,
      enumerable,
      writable: true,
      configurable: true,
    } as PropertyDescriptor)
  }

  function reviveEntries(flat: unknown[]): object {
    const out = {}
    for (let i = 0; i < flat.length; i += 2) setProperty(out, flat[i] as string, flat[i + 1], true)
    return out
  }

  /**
   * Keys can be chosen so that a hash table takes quadratic time: throws when filling those of a
   * message takes many times what it should.
   */
  function checkPace(begun: number, i: number): void {
    if (spent + now() - begun > PACE_SLACK + (filled + i) * PACE_PER_ITEM) {
      throw new TypeErrorOf('keys that collide')
    }
  }

  /** The filling of one that began then is over. */
  function pace(begun: number, count: number): void {
    checkPace(begun, count)
    spent += now() - begun
    filled += count
  }

  function reviveMap(flat: unknown[]): object {
    const map = new MapOf()
    const begun = now()
    for (let i = 0; i < flat.length; i += 2) {
      mapSet(map, flat[i], flat[i + 1])
      if (i % PACE_STEP === PACE_STEP - 2) checkPace(begun, i)
    }
    pace(begun, flat.length)
    return map
  }

  function reviveView(name: string, bytes: Uint8Array): unknown {
    const View = viewClasses[name]
    if (View === undefined) throw new TypeError('unknown typed array')
    return new View(own(bytes))
  }

  function reviveError(data: readonly unknown[]): Error {
    const [index, name, message, stack, properties, cause, errors] = data as [
      number,
      string,
      string,
      string | null,
      Record<string, unknown>,
      [unknown] | null,
      unknown,
    ]
    const aggregate = index === errorClasses.length
    const ErrorOf = (errorClasses[index] ?? errorClasses[6]) as ErrorConstructor
    const error = aggregate ? new AggregateErrorOf([], message) : new ErrorOf(message)
    const title = `${name}`
    if (title !== error.name) setProperty(error, 'name', title, false)
    setProperty(error, 'stack', stack === null ? `${title}: ${message}` : `${stack}`, false)
    if (cause) setProperty(error, 'cause', cause[0], false)
    if (aggregate) setProperty(error, 'errors', errors, false)
    const names = keys(properties)
    for (let i = 0; i < names.length; i++) {
      const key = names[i] as string
      if (key !== 'stack') setProperty(error, key, properties[key], true)
    }
    return error
  }

  return {
    begin() {
      spent = 0
      filled = 0
    },
    revive,
  }
}
