import type { Host, HostParts } from './host-types.js'
import type { Primitive } from './outcome.js'

/**
 * What scripts have of their host: `host.name(…)`, a promise; and `host.sync.name(…)`, which waits.
 *
 * What a script wants of its host is put into a list, which the worker takes from at the end of each turn:
 * a turn that is cut short leaves no half of a message. Only `host.sync` calls out of the context.
 *
 * `createHost` is carried into contexts as source text: it refers to nothing outside itself, and
 * captures the intrinsics it needs before any script runs.
 */

export function createHost(parts: HostParts): Host {
  const { codec, problemOf, account, equip, ask, maxSize, maxPending } = parts
  const { bind, call: invoke } = Function.prototype
  const uncurry = bind.bind(invoke) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { defineProperty } = Object
  const split = uncurry(String.prototype.split) as (s: string, by: string) => string[]
  const slice = uncurry(String.prototype.slice) as (s: string, from: number) => string
  const MapOf = Map
  const mapGet = uncurry(Map.prototype.get) as (m: unknown, key: number) => Call | undefined
  const mapSet = uncurry(Map.prototype.set) as (m: unknown, key: number, value: Call) => void
  const mapDelete = uncurry(Map.prototype.delete) as (m: unknown, key: number) => void
  const PromiseOf = Promise
  const ErrorOf = Error
  const RangeErrorOf = RangeError
  const U8 = Uint8Array
  const TypedArray = Object.getPrototypeOf(U8.prototype) as object
  const bufferOf = uncurry(
    Object.getOwnPropertyDescriptor(TypedArray, 'buffer')?.get,
  ) as unknown as (bytes: Uint8Array) => ArrayBuffer
  const classes = {
    __proto__: null,
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
    EvalError,
    URIError,
  } as unknown as Record<string, ErrorConstructor | undefined>

  interface Call {
    readonly kind: 'call'
    readonly owner: number
    readonly fn: number
    readonly name: string
    readonly count: number
    readonly args: readonly Primitive[]
    /** What `pack` takes, where that is needed. */
    readonly snapshot: unknown
    /** Whether that was begun. */
    isPacked: boolean
    resolve: (value: unknown) => void
    reject: (error: unknown) => void
    next: Node | undefined
  }
  interface Line {
    readonly kind: 'line'
    readonly level: number
    readonly text: string
    next: Node | undefined
  }
  type Node = Call | Line

  const pending = new MapOf<number, Call>()
  let open = 0
  let functions = 0
  let first: Node | undefined
  let last: Node | undefined

  const host = {} as Record<string, unknown>
  const sync = {} as Record<string, unknown>

  function define(target: object, name: string, value: unknown, enumerable: boolean): void {
    defineProperty(target, name, {
      __proto__: null,
      value,
      enumerable,
      configurable: true,
      writable: true,
    } as PropertyDescriptor)
  }

  function push(node: Node): void {
    if (last) last.next = node
    else first = node
    last = node
  }

  function errorOf(name: string, message: string): Error {
    const Known = classes[name]
    if (Known) return new Known(message)
    const error = new ErrorOf(message)
    if (name !== 'Error') define(error, 'name', name, false)
    return error
  }

  function shift(): void {
    first = first?.next
    if (!first) last = undefined
  }

  /** How many of the arguments are primitives that need no codec: all of them, or -1. */
  function simple(args: readonly unknown[]): number {
    if (args.length > 64) return -1
    for (let i = 0; i < args.length; i++) {
      const value = args[i]
      switch (typeof value) {
        case 'object':
          if (value !== null) return -1
          break
        case 'bigint':
          if (value >= 0x8000000000000000n || value < -0x8000000000000000n) return -1
          break
        case 'function':
        case 'symbol':
          return -1
      }
    }
    return args.length
  }

  function begin(
    fn: number,
    name: string,
    args: readonly unknown[],
    resolve: Call['resolve'],
    reject: Call['reject'],
  ): void {
    const owner = account()
    if (owner < 0) return reject(errorOf('AbortError', `host.${name}: the call was given up`))
    if (open >= maxPending) {
      return reject(new RangeErrorOf(`host.${name}: more than ${maxPending} host calls at a time`))
    }
    const count = simple(args)
    let snapshot: unknown
    try {
      snapshot = count < 0 ? codec.snapshot(args, `host.${name}`) : undefined
    } catch (error) {
      return reject(refusalOf(error))
    }
    open++
    push({
      __proto__: null,
      kind: 'call',
      owner,
      fn,
      name,
      count,
      args: count < 0 ? undefined : args,
      snapshot,
      isPacked: false,
      resolve,
      reject,
      next: undefined,
    } as unknown as Call)
  }

  /** What the codec reports is no error of a script's; what a getter throws is. */
  function refusalOf(error: unknown): unknown {
    const problem = problemOf(error)
    if (!problem) return error
    return errorOf('DataCloneError', `${problem.path}: ${problem.why}`)
  }

  function end(id: number): Call | undefined {
    const call = mapGet(pending, id)
    if (!call) return undefined
    mapDelete(pending, id)
    open--
    return call
  }

  function wait(fn: number, name: string, args: readonly unknown[]): unknown {
    const given = `host.sync.${name}`
    if (!codec.isLoaded()) throw errorOf('Error', `${given}: the host can't be asked now`)
    let bytes: Uint8Array
    try {
      bytes = codec.encode(args, given)
    } catch (error) {
      throw refusalOf(error)
    }
    if (account() < 0) throw errorOf('AbortError', `${given}: the call was given up`)
    const answer = ask(fn, bytes)
    if (!answer) throw errorOf('Error', `${given}: the host can't be asked now`)
    if (typeof answer === 'number') {
      throw new RangeErrorOf(`${given}: arguments of ${answer} bytes, where ${maxSize} may be sent`)
    }
    const value = codec.decode(new U8(bufferOf(answer), 1))
    if (answer[0] === 1) return value
    throw errorOf((value as string[])[0] as string, (value as string[])[1] as string)
  }

  function add(name: string, isSync: boolean): void {
    const fn = functions++
    // Methods have no prototype, and can't be constructed.
    if (isSync) {
      const method = {
        [name](...args: unknown[]) {
          return wait(fn, name, args)
        },
      }
      return define(sync, name, method[name], true)
    }
    const method = {
      [name](...args: unknown[]) {
        return new PromiseOf((resolve, reject) => begin(fn, name, args, resolve, reject))
      },
    }
    define(host, name, method[name], true)
  }

  return {
    __proto__: null,
    add(names: string) {
      if (functions === 0) {
        define(host, 'sync', sync, true)
        define(globalThis, 'host', host, false)
      }
      const list = split(names, '\u0000')
      for (let i = 0; i < list.length; i++) {
        const name = list[i] as string
        add(slice(name, 1), name[0] === 's')
      }
    },
    peek: () => first,
    take(id: number) {
      if (first?.kind === 'call') mapSet(pending, id, first)
      shift()
    },
    pack() {
      const call = first as Call
      if (call.isPacked) return undefined
      call.isPacked = true
      return codec.pack(call.snapshot)
    },
    refuse(why: string) {
      const { name, reject } = first as Call
      shift()
      open--
      reject(new RangeErrorOf(`host.${name}: ${why}`))
    },
    resolve(id: number, value: Primitive) {
      end(id)?.resolve(value)
    },
    resolveEncoded(id: number, bytes: Uint8Array) {
      const call = end(id)
      if (!call) return
      try {
        call.resolve(codec.decode(bytes))
      } catch (error) {
        call.reject(error)
      }
    },
    reject(id: number, name: string, message: string) {
      end(id)?.reject(errorOf(name, message))
    },
    line(level: number, text: string) {
      equip()
      push({ __proto__: null, kind: 'line', level, text, next: undefined } as unknown as Line)
    },
  } as unknown as Host
}
