import type { WebExceptions } from './exceptions.js'
import type { WebKit } from './kit.js'

export interface WebClone {
  structuredClone(value: unknown, options?: unknown): unknown
}

/**
 * structuredClone. All of it happens in the context, where the values are.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createClone(kit: WebKit, exceptions: WebExceptions): WebClone {
  const { is, tagOf, keys, hasOwn, defineProperty, plain, descriptorOf } = kit
  const { mapGet, mapSet, mapHas, viewSet, U8 } = kit

  /** How the built-in is known that made an object, whatever it calls itself. */
  const probes = {
    __proto__: null,
    Date: kit.dateTime,
    RegExp: kit.regexSource,
    Map: (value: unknown) => mapHas(value, undefined),
    Set: (value: unknown) => kit.setHas(value, undefined),
    ArrayBuffer: kit.bufferBytes,
    Number: kit.numberValue,
    String: kit.stringValue,
    Boolean: kit.booleanValue,
    BigInt: kit.bigintValue,
  } as unknown as Record<string, (value: unknown) => unknown>
  if (kit.sharedBytes) probes.SharedArrayBuffer = kit.sharedBytes
  const kinds = keys(probes)

  /** What can't be cloned, which has nothing else that it is known by. */
  const refused = {
    __proto__: null,
    Symbol: true,
    Promise: true,
    WeakMap: true,
    WeakSet: true,
    WeakRef: true,
    FinalizationRegistry: true,
    Generator: true,
    AsyncGenerator: true,
    Arguments: true,
    Module: true,
    'Map Iterator': true,
    'Set Iterator': true,
    'Array Iterator': true,
    'String Iterator': true,
    'RegExp String Iterator': true,
    'Iterator Helper': true,
    'WebAssembly.Module': true,
    'WebAssembly.Instance': true,
    'WebAssembly.Memory': true,
    'WebAssembly.Table': true,
    'WebAssembly.Global': true,
  } as unknown as Record<string, true | undefined>

  function refusal(message: string): object {
    return kit.exception(message, 'DataCloneError')
  }

  function kindOf(value: object): string {
    const tag = tagOf(value)
    const name = kit.slice(tag, 8, tag.length - 1)
    if (name === 'Object' || name === 'Error') return name
    const probe = probes[name]
    if (probe && is(probe, value)) return name
    for (let i = 0; i < kinds.length; i++) {
      const kind = kinds[i] as string
      if (is(probes[kind] as () => unknown, value)) return kind
    }
    return refused[name] ? `?${name}` : 'Object'
  }

  /** A buffer of the same size, and as stretchable. */
  function emptyLike(buffer: ArrayBuffer): ArrayBuffer {
    const size = kit.bufferBytes(buffer)
    if (!kit.bufferResizable(buffer)) return new kit.BufferOf(size)
    const options = { __proto__: null, maxByteLength: kit.bufferMost(buffer) }
    return new (kit.BufferOf as new (size: number, o: object) => ArrayBuffer)(size, options)
  }

  function fill(copy: ArrayBuffer, buffer: ArrayBuffer): void {
    let bytes: Uint8Array
    try {
      bytes = new U8(buffer)
    } catch {
      throw refusal('An ArrayBuffer is detached and could not be cloned.')
    }
    viewSet(new U8(copy), bytes)
  }

  function textOf(value: unknown): string {
    return typeof value === 'symbol' ? kit.symbolText(value) : kit.functionText(value)
  }

  /** V8 has the host write it, which may fail with an error of another realm for want of stack. */
  function stackOf(error: Error): unknown {
    try {
      return error.stack
    } catch {
      return undefined
    }
  }

  function setStack(error: Error, stack: string): void {
    try {
      defineProperty(error, 'stack', plain(stack))
    } catch {
      // V8 of Node 20 has the host write the one that is replaced.
      throw new kit.RangeErrorOf('Maximum call stack size exceeded')
    }
  }

  /** What has been cloned, to its clone, is in `known`. */
  function cloneWith(known: object, root: unknown): unknown {
    function clone(value: unknown): unknown {
      if (typeof value === 'symbol' || typeof value === 'function') {
        throw refusal(`${textOf(value)} could not be cloned.`)
      }
      if (typeof value !== 'object' || value === null) return value
      return mapHas(known, value) ? mapGet(known, value) : cloneObject(value)
    }

    function keep<T extends object>(value: object, copy: T): T {
      mapSet(known, value, copy)
      return copy
    }

    function cloneObject(value: object): unknown {
      if (kit.isArray(value)) {
        const copy = keep(value, [] as unknown[])
        copy.length = value.length
        return cloneProperties(value, copy)
      }
      if (kit.isView(value)) return cloneView(value)
      const kind = kindOf(value)
      switch (kind) {
        case 'Object':
          if (exceptions.isException(value)) return cloneException(value as Error)
          if (kit.isPlatform(value)) throw refusal('Cannot clone object of unsupported type.')
          return cloneProperties(value, keep(value, {}))
        case 'Error':
          return cloneError(value as Error)
        case 'Date':
          return keep(value, new kit.DateOf(kit.dateTime(value)))
        case 'RegExp':
          // By what it is made of, whatever it says of itself.
          return keep(value, new kit.RegExpOf(value as RegExp))
        case 'Map':
          return cloneMap(value)
        case 'Set':
          return cloneSet(value)
        case 'ArrayBuffer': {
          const copy = emptyLike(value as ArrayBuffer)
          fill(copy, value as ArrayBuffer)
          return keep(value, copy)
        }
        case 'SharedArrayBuffer':
          // Its memory is what it is about; no other object for it can be made here.
          return value
        case 'Number':
        case 'String':
        case 'Boolean':
        case 'BigInt':
          return keep(value, kit.ObjectOf((probes[kind] as (v: unknown) => unknown)(value)))
        default:
          throw refusal(`#<${kit.slice(kind, 1)}> could not be cloned.`)
      }
    }

    function cloneProperties(value: object, copy: object): object {
      const names = keys(value)
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string
        // A getter of one before may have taken it away.
        if (i > 0 && !hasOwn(value, name)) continue
        const part = clone((value as Record<string, unknown>)[name])
        // Past whatever there is on a prototype.
        if (name in copy) defineProperty(copy, name, plain(part, true))
        else (copy as Record<string, unknown>)[name] = part
      }
      return copy
    }

    function cloneView(value: ArrayBufferView): unknown {
      const tag = kit.viewTag(value)
      if (tag === undefined) {
        const size = kit.dataBytes(value)
        const buffer = clone(kit.dataBuffer(value)) as ArrayBuffer
        return keep(value, new kit.DataViewOf(buffer, kit.dataOffset(value), size))
      }
      const buffer = clone(kit.viewBuffer(value)) as ArrayBuffer
      const View = kit.viewClasses[tag] as typeof Uint8Array
      return keep(value, new View(buffer, kit.viewOffset(value), kit.viewLength(value)))
    }

    function cloneMap(value: object): unknown {
      const copy = keep(value, new kit.MapOf())
      const list: unknown[] = []
      kit.mapEach(value, (item, key) => {
        list[list.length] = key
        list[list.length] = item
      })
      for (let i = 0; i < list.length; i += 2) mapSet(copy, clone(list[i]), clone(list[i + 1]))
      return copy
    }

    function cloneSet(value: object): unknown {
      const copy = keep(value, new kit.SetOf())
      const list: unknown[] = []
      kit.setEach(value, (item) => {
        list[list.length] = item
      })
      for (let i = 0; i < list.length; i++) kit.setAdd(copy, clone(list[i]))
      return copy
    }

    function cloneError(value: Error): unknown {
      const name = `${value.name}`
      const Make = kit.errorClasses[name] ?? kit.ErrorOf
      const message = descriptorOf(value, 'message')
      const stack = stackOf(value)
      const copy = keep(value, new Make())
      if (typeof stack === 'string') setStack(copy, stack)
      else kit.deleteProperty(copy, 'stack')
      if (message && hasOwn(message, 'value')) {
        defineProperty(copy, 'message', plain(`${message.value}`))
      }
      if (hasOwn(value, 'cause')) defineProperty(copy, 'cause', plain(clone(value.cause)))
      return copy
    }

    function cloneException(value: Error): unknown {
      const stack = stackOf(value)
      const copy = keep(value, new exceptions.DOMException(value.message, value.name))
      if (typeof stack === 'string') setStack(copy, stack)
      return copy
    }

    return clone(root)
  }

  function transfersOf(options: unknown): ArrayBuffer[] {
    const list: ArrayBuffer[] = []
    if (options === undefined || options === null) return list
    if (typeof options !== 'object' && typeof options !== 'function') {
      throw kit.invalid('The "options" argument must be of type object')
    }
    const { transfer } = options as { transfer?: Iterable<unknown> }
    if (transfer === undefined || transfer === null) return list
    const seen = new kit.SetOf()
    for (const buffer of transfer) {
      if ((typeof buffer !== 'object' && typeof buffer !== 'function') || buffer === null) {
        throw kit.invalid('The "options.transfer" property must hold nothing but objects')
      }
      if (!is(kit.bufferBytes, buffer)) throw refusal('Value not transferable')
      if (kit.setHas(seen, buffer)) throw refusal('ArrayBuffer occurs in the transfer list twice')
      if (!is((b: never) => new U8(b), buffer)) {
        throw refusal('An ArrayBuffer is detached and could not be cloned.')
      }
      kit.setAdd(seen, buffer)
      defineProperty(list, list.length, plain(buffer, true))
    }
    return list
  }

  function structuredClone(value: unknown, options: unknown = undefined): unknown {
    kit.need(arguments.length, 1, 'The "value" argument')
    const transfers = transfersOf(options)
    const known = new kit.MapOf()
    for (let i = 0; i < transfers.length; i++) {
      mapSet(known, transfers[i], emptyLike(transfers[i] as ArrayBuffer))
    }
    const copy = cloneWith(known, value)
    // Only what has been cloned as a whole leaves its place.
    for (let i = 0; i < transfers.length; i++) {
      const buffer = transfers[i] as ArrayBuffer
      fill(mapGet(known, buffer) as ArrayBuffer, buffer)
      kit.transfer?.(buffer)
    }
    return copy
  }

  return { structuredClone }
}
