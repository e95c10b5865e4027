import type { Tagged, TaggedClass, Tags, ValueOptions } from './format.js'

/**
 * Makes the copy of a value that msgpackr can write without surprise: getters are read once,
 * cycles and strangers are refused with their path, and what MessagePack has no notation for
 * becomes a `Tagged` pair. Bytes are views unless it is to copy them, too.
 *
 * Runs in the supervisor and, as source text, inside contexts. So it is self-contained: it
 * refers to nothing outside itself, and captures every intrinsic it needs when it is called,
 * before any script of the realm has run.
 */
export function createPrepare(
  tags: Tags,
  Tagged: TaggedClass,
  options: ValueOptions,
): (value: unknown, root: string, copies?: boolean) => unknown {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { isArray } = Array
  const { getPrototypeOf, keys, getOwnPropertyDescriptor, hasOwn } = Object
  const ObjectPrototype = Object.prototype
  const { isView } = ArrayBuffer
  const U8 = Uint8Array
  const U16 = Uint16Array
  const ErrorOf = Error
  const AggregateErrorOf = AggregateError
  const errorClasses = [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]
  const getter = (prototype: object, name: PropertyKey) =>
    uncurry(getOwnPropertyDescriptor(prototype, name)?.get)
  const TypedArrayPrototype = getPrototypeOf(U8.prototype) as object
  const viewTag = getter(TypedArrayPrototype, Symbol.toStringTag) as (v: unknown) => string
  const viewBuffer = getter(TypedArrayPrototype, 'buffer') as (v: unknown) => ArrayBuffer
  const viewOffset = getter(TypedArrayPrototype, 'byteOffset') as (v: unknown) => number
  const viewBytes = getter(TypedArrayPrototype, 'byteLength') as (v: unknown) => number
  const bufferBytes = getter(ArrayBuffer.prototype, 'byteLength') as (v: unknown) => number
  const mapSize = getter(Map.prototype, 'size')
  const setSize = getter(Set.prototype, 'size')
  const mapEach = uncurry(Map.prototype.forEach) as (m: unknown, f: unknown) => void
  const setEach = uncurry(Set.prototype.forEach) as (m: unknown, f: unknown) => void
  const dateTime = uncurry(Date.prototype.getTime) as (v: unknown) => number
  const regexSource = getter(RegExp.prototype, 'source') as (v: unknown) => string
  const regexFlags = getter(RegExp.prototype, 'flags') as (v: unknown) => string
  const boxed = [Number, String, Boolean, BigInt].map((Box) => uncurry(Box.prototype.valueOf)) as ((
    v: unknown,
  ) => unknown)[]
  const tagOf = uncurry(ObjectPrototype.toString) as (v: unknown) => string
  const charCodeAt = uncurry(String.prototype.charCodeAt) as (s: string, i: number) => number
  const isWellFormed = uncurry(String.prototype.isWellFormed) as (s: string) => boolean
  const hex = uncurry(BigInt.prototype.toString) as (v: bigint, radix: number) => string
  const identifier = /^[A-Za-z_$][\w$]*$/
  const matches = uncurry(RegExp.prototype.test) as (r: RegExp, s: string) => boolean
  const quote = JSON.stringify

  /** Stands for what is left out. */
  const NOTHING = new Tagged(-1, undefined)
  const SHOWN_KEYS = 24

  let path: (string | number)[] = []
  let depth = 0
  let nodes = 0
  let isBusy = false
  let isCopying = false

  /** The last problem reported: told apart from whatever a getter throws. */
  let reported: unknown
  function problem(why: string): unknown {
    let text = ''
    for (let i = 0; i < depth; i++) {
      if (i > SHOWN_KEYS) {
        text += '…'
        break
      }
      const key = path[i] as string | number
      if (i === 0) text = key as string
      else if (typeof key === 'number') text += `[${key}]`
      else text += matches(identifier, key) ? `.${key}` : `[${quote(key)}]`
    }
    reported = options.problem({ path: text, why })
    return reported
  }

  function child(key: string | number, value: unknown): unknown {
    path[depth++] = key
    const prepared = prepare(value)
    depth--
    return prepared
  }

  function prepare(value: unknown): unknown {
    if (++nodes > options.maxNodes) throw problem(`more than ${options.maxNodes} values`)
    switch (typeof value) {
      case 'string':
        return isWellFormed(value) ? value : new Tagged(tags.utf16, codeUnits(value))
      case 'number':
        return value === 0 && 1 / value < 0 ? new Tagged(tags.negativeZero, 0) : value
      case 'bigint':
        // Past 64 bits MessagePack has no integers; hexadecimal is linear to write and read.
        if (value >= -0x8000000000000000n && value < 0x8000000000000000n) return value
        return new Tagged(tags.bigint, value < 0n ? `-${hex(-value, 16)}` : hex(value, 16))
      case 'function':
      case 'symbol':
        if (options.functions === 'refuse') throw problem(`a ${typeof value} can't travel`)
        return NOTHING
      case 'object':
        return value === null ? null : prepareObject(value)
      default:
        return value
    }
  }

  function prepareObject(value: object): unknown {
    if (depth > options.maxDepth) {
      throw problem(`nested more than ${options.maxDepth} levels deep, or a cycle`)
    }
    if (isArray(value)) return prepareArray(value)
    if (isView(value)) return prepareView(value)
    const prototype = getPrototypeOf(value) as object | null
    if (prototype === ObjectPrototype || prototype === null) return prepareProperties(value)
    return prepareInstance(value)
  }

  function prepareArray(value: readonly unknown[]): unknown[] {
    const length = value.length
    if (length > options.maxNodes) throw problem(`more than ${options.maxNodes} values`)
    const out: unknown[] = []
    for (let i = 0; i < length; i++) {
      const prepared = child(i, value[i])
      out[i] = prepared === NOTHING ? null : prepared
    }
    return out
  }

  function prepareProperties(value: object): unknown {
    const names = keys(value)
    const out: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      if (name === '__proto__' || !isWellFormed(name)) return prepareEntries(value, names)
      const prepared = child(name, (value as Record<string, unknown>)[name])
      if (prepared !== NOTHING) out[name] = prepared
    }
    return out
  }

  /** For names that a MessagePack map, or an assignment, would not keep as they are. */
  function prepareEntries(value: object, names: string[]): Tagged {
    const out: unknown[] = []
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const prepared = child(name, (value as Record<string, unknown>)[name])
      if (prepared === NOTHING) continue
      out[out.length] = prepare(name)
      out[out.length] = prepared
    }
    return new Tagged(tags.entries, out)
  }

  function prepareView(value: ArrayBufferView): unknown {
    const name = viewTag(value)
    if (name === undefined) throw problem("a DataView can't travel")
    const bytes = bytesOf(viewBuffer(value), viewOffset(value), viewBytes(value))
    return name === 'Uint8Array' ? bytes : new Tagged(tags.view, [name, bytes])
  }

  function bytesOf(buffer: ArrayBuffer, offset: number, size: number): Uint8Array {
    try {
      const view = new U8(buffer, offset, size)
      return isCopying ? new U8(view) : view
    } catch {
      throw problem('a detached buffer has no bytes')
    }
  }

  /** Whether the built-in that `probe` belongs to made this object, whatever it claims to be. */
  function is(probe: (value: never) => unknown, value: object): boolean {
    try {
      probe(value as never)
      return true
    } catch {
      return false
    }
  }

  function prepareInstance(value: object): unknown {
    const tag = tagOf(value)
    switch (tag) {
      case '[object Date]':
        if (is(dateTime, value)) return new Tagged(tags.date, dateTime(value))
        break
      case '[object RegExp]':
        if (is(regexSource, value)) {
          return new Tagged(tags.regexp, [prepare(regexSource(value)), regexFlags(value)])
        }
        break
      case '[object Map]':
        if (is(mapSize, value)) return prepareMap(value)
        break
      case '[object Set]':
        if (is(setSize, value)) return prepareSet(value)
        break
      case '[object ArrayBuffer]':
        if (is(bufferBytes, value)) {
          return new Tagged(tags.buffer, bytesOf(value as ArrayBuffer, 0, bufferBytes(value)))
        }
        break
      case '[object Number]':
      case '[object String]':
      case '[object Boolean]':
      case '[object BigInt]':
        for (let i = 0; i < boxed.length; i++) {
          const unbox = boxed[i] as (v: unknown) => unknown
          if (is(unbox, value)) return prepare(unbox(value))
        }
        break
      case '[object Promise]':
      case '[object WeakMap]':
      case '[object WeakSet]':
      case '[object WeakRef]':
      case '[object SharedArrayBuffer]':
      case '[object Generator]':
      case '[object AsyncGenerator]':
        throw problem(`a ${tag.slice(8, -1)} can't travel`)
    }
    if (tag === '[object Error]' || value instanceof ErrorOf) return prepareError(value)
    return prepareProperties(value)
  }

  function prepareMap(value: object): Tagged {
    const out: unknown[] = []
    let i = 0
    mapEach(value, (item: unknown, key: unknown) => {
      const preparedKey = child(i, key)
      const prepared = child(i++, item)
      if (prepared === NOTHING || preparedKey === NOTHING) return
      out[out.length] = preparedKey
      out[out.length] = prepared
    })
    return new Tagged(tags.map, out)
  }

  function prepareSet(value: object): Tagged {
    const out: unknown[] = []
    let i = 0
    setEach(value, (item: unknown) => {
      const prepared = child(i++, item)
      if (prepared !== NOTHING) out[out.length] = prepared
    })
    return new Tagged(tags.set, out)
  }

  function prepareError(value: object): Tagged {
    const error = value as Error & { errors?: unknown }
    let index = 0
    while (index < errorClasses.length && !(value instanceof (errorClasses[index] as never)))
      index++
    const aggregate = value instanceof AggregateErrorOf && hasOwn(value, 'errors')
    const name = error.name
    const message = error.message
    const stack = options.stackOf && error.stack
    return new Tagged(tags.error, [
      aggregate ? errorClasses.length + 1 : index,
      typeof name === 'string' ? prepare(name) : 'Error',
      typeof message === 'string' ? prepare(message) : '',
      typeof stack === 'string' ? prepare(options.stackOf?.(stack)) : null,
      prepareProperties(value),
      hasOwn(value, 'cause') ? [withoutHole(child('cause', error.cause))] : null,
      aggregate ? withoutHole(child('errors', error.errors)) : null,
    ])
  }

  function withoutHole(prepared: unknown): unknown {
    return prepared === NOTHING ? undefined : prepared
  }

  function codeUnits(text: string): Uint8Array {
    const units = new U16(text.length)
    for (let i = 0; i < text.length; i++) units[i] = charCodeAt(text, i)
    return new U8(units.buffer)
  }

  return (value, root, copies = false) => {
    // A getter of the value's may have another one copied, and come back here.
    const outer = isBusy ? { nodes, depth, path, isCopying } : undefined
    if (outer) path = []
    isBusy = true
    isCopying = copies
    nodes = 0
    depth = 1
    path[0] = root
    try {
      return withoutHole(prepare(value))
    } catch (error) {
      if (error === reported || options.functions === 'drop') throw error
      throw problem('looking at it, or at a part of it, threw')
    } finally {
      isBusy = outer !== undefined
      if (outer) ({ nodes, depth, path, isCopying } = outer)
    }
  }
}
