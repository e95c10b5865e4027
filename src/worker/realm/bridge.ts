import type { Msgpack, ValueCodec } from '../../wire/values/codec.js'
import type { ValueOptions, ValueProblem } from '../../wire/values/format.js'
import type { BridgeOutcome, BridgeResult, Primitive } from './outcome.js'
import type { InvokeWith, Passed } from './path-programs.js'

/**
 * The part of the worker that lives inside a context. Everything that touches a script's value
 * happens here, in the context's own realm and inside a turn; what leaves are primitives, and
 * outcomes whose fields are primitives or bytes.
 *
 * `createBridge` is carried into contexts as source text: it refers to nothing outside itself
 * and captures the intrinsics it needs before any script runs.
 */

export interface Bridge {
  /** A byte array of this realm for the worker to fill. */
  alloc(size: number): Uint8Array
  hasCodec(): boolean
  loadCodec(msgpack: Msgpack): void
  /** Forgets a codec that may have been interrupted in the middle of its work. */
  dropCodec(): void
  /** Turns a script's completion value into an outcome. */
  complete(call: number, value: unknown, discard: boolean): BridgeResult
  /** Describes what a script threw. */
  threw(error: unknown): BridgeResult
  /** Calls a function, by that name, with primitives and bytes of this realm. */
  callListed(call: number, invoke: InvokeWith, name: string, ...args: Passed[]): BridgeResult
  /** The same with an encoded array of arguments. */
  callEncoded(call: number, invoke: InvokeWith, name: string, args: Uint8Array): BridgeResult
  /** Continues what stopped for want of a codec. */
  resume(): BridgeResult
  /** The call whose promise settled next; 0 when there is none. */
  nextSettled(): number
  /** How that promise settled. */
  settledOutcome(): BridgeResult
  /** For other parts of the same realm: its codec, and what that has just refused, if it threw that. */
  readonly codec: ValueCodec
  problemOf(error: unknown): ValueProblem | undefined
}

export interface BridgeOptions {
  readonly maxDepth: number
  readonly maxNodes: number
}

export function createBridge(
  createCodec: (options: ValueOptions) => ValueCodec,
  options: BridgeOptions,
): Bridge {
  const { bind, call: invoke } = Function.prototype
  const uncurry = bind.bind(invoke) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { keys, hasOwn, getOwnPropertyDescriptor } = Object
  const PromiseOf = Promise
  const then = uncurry(Promise.prototype.then) as (p: unknown, ok: unknown, no: unknown) => void
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to: number) => string
  const tagOf = uncurry(Object.prototype.toString) as (v: unknown) => string
  const U8 = Uint8Array
  const StringOf = String
  const ErrorOf = Error
  const TypeErrorOf = TypeError
  const { apply } = Reflect

  /** Characters of a name or a refusal that travel, and of a message too long to travel whole. */
  const SHOWN = 1024
  const LONGEST_TEXT = 16 * 1024
  const LONGEST_LOOK = 1024 * 1024
  type Thunk = () => BridgeResult
  interface Node {
    readonly call: number
    readonly value: unknown
    readonly rejected: boolean
    readonly discard: boolean
    next: Node | undefined
  }

  /** The last refusal of the codec: told by identity from whatever a script's getter threw. */
  let refused: ValueProblem | undefined

  const codec = createCodec({
    functions: 'drop',
    stackOf: (stack) => stack,
    maxDepth: options.maxDepth,
    maxNodes: options.maxNodes,
    problem: ({ path, why }) => {
      refused = { __proto__: null, path: slice(path, 0, SHOWN), why: slice(why, 0, SHOWN) } as never
      return refused
    },
  })
  let held: Thunk | undefined
  let first: Node | undefined
  let last: Node | undefined
  let settling: Node | undefined

  const pending = { __proto__: null, kind: 'pending' } as unknown as BridgeOutcome
  const wantCodec = { __proto__: null, kind: 'codec' } as unknown as BridgeOutcome

  function outcome(fields: BridgeOutcome): BridgeOutcome {
    return { __proto__: null, ...fields } as unknown as BridgeOutcome
  }

  function hold(thunk: Thunk): BridgeOutcome {
    held = thunk
    return wantCodec
  }

  function isPrimitive(value: unknown): value is Primitive {
    return (
      value === null ||
      (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
    )
  }

  function isLarge(value: Primitive): boolean {
    return typeof value === 'bigint' && (value >= 2n ** 63n || value < -(2n ** 63n))
  }

  function encoded(value: unknown): BridgeResult {
    if (!codec.isLoaded()) return hold(() => encoded(value))
    try {
      return outcome({ kind: 'encoded', bytes: codec.encode(value, 'result') })
    } catch (error) {
      if (error === refused && refused) return outcome({ kind: 'unserializable', ...refused })
      return threw(error)
    }
  }

  function resultOf(value: unknown, discard: boolean): BridgeResult {
    if (discard || typeof value === 'function' || typeof value === 'symbol') return undefined
    // Integers past 64 bits take time to write, which is the context's own.
    if (isPrimitive(value)) return isLarge(value) ? encoded(value) : value
    return codec.isBytes(value) ? outcome({ kind: 'binary', bytes: value }) : encoded(value)
  }

  /** Of a value that is no primitive. */
  function isThenable(value: unknown): boolean {
    return typeof value !== 'symbol' && typeof (value as { then?: unknown }).then === 'function'
  }

  function complete(call: number, value: unknown, discard: boolean): BridgeResult {
    if (isPrimitive(value)) return resultOf(value, discard)
    try {
      if (!isThenable(value)) return resultOf(value, discard)
      const settle = (rejected: boolean) => (settled: unknown) => {
        const node = { call, value: settled, rejected, discard, next: undefined }
        if (last) last.next = node
        else first = node
        last = node
      }
      then(new PromiseOf((resolve) => resolve(value)), settle(false), settle(true))
      return pending
    } catch (error) {
      return threw(error)
    }
  }

  function textOf(read: () => unknown): string {
    try {
      const value = read()
      return typeof value === 'string' ? value : value === undefined ? '' : StringOf(value)
    } catch {
      return ''
    }
  }

  /**
   * Of a long one its beginning says what it is; but a string can be shared pieces, which take no
   * memory until they are looked at.
   */
  function messageOf(read: () => unknown): string {
    const text = textOf(read)
    if (text.length <= LONGEST_TEXT) return text
    const shown = text.length <= LONGEST_LOOK ? slice(text, 0, SHOWN) : ''
    return `${shown}… (${text.length} characters)`
  }

  function short(text: string): string {
    return text.length <= LONGEST_TEXT ? text : ''
  }

  function threw(error: unknown): BridgeResult {
    return isError(error) ? errorOutcome(error) : nonErrorOutcome(error)
  }

  function isError(value: unknown): value is Error {
    if (isPrimitive(value)) return false
    try {
      return tagOf(value) === '[object Error]' || value instanceof ErrorOf
    } catch {
      // A proxy that refuses to be looked at.
      return false
    }
  }

  function errorOutcome(error: Error): BridgeResult {
    const extra: { properties?: Record<string, unknown>; cause?: [unknown] } = {}
    try {
      const names = keys(error)
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string
        if (name === 'stack' || name === 'message' || name === 'name') continue
        const property = getOwnPropertyDescriptor(error, name)
        if (!property || !hasOwn(property, 'value')) continue
        extra.properties ??= { __proto__: null } as unknown as Record<string, unknown>
        extra.properties[name] = property.value
      }
      if (hasOwn(error, 'cause')) extra.cause = [error.cause]
    } catch {
      // A proxy may refuse to be looked at; its name and message are still worth reporting.
    }
    const wanted = extra.properties !== undefined || extra.cause !== undefined
    if (wanted && !codec.isLoaded()) return hold(() => errorOutcome(error))
    return outcome({
      kind: 'thrown',
      name: slice(short(textOf(() => error.name)) || 'Error', 0, SHOWN),
      message: messageOf(() => error.message),
      stack: short(textOf(() => error.stack)),
      extra: wanted ? extraBytes(extra) : undefined,
    })
  }

  function nonErrorOutcome(error: unknown): BridgeResult {
    if (!codec.isLoaded()) return hold(() => nonErrorOutcome(error))
    const shown =
      isPrimitive(error) || typeof error === 'symbol' ? messageOf(() => StringOf(error)) : ''
    return outcome({
      kind: 'thrown',
      name: '',
      message: shown || `a thrown ${typeof error}`,
      stack: '',
      extra: extraBytes({
        thrown: [isPrimitive(error) || typeof error === 'object' ? error : undefined],
      }),
    })
  }

  /** What can't travel must not hide the error that carries it. */
  function extraBytes(extra: object): Uint8Array | undefined {
    try {
      return codec.encode(extra, 'error')
    } catch {
      return undefined
    }
  }

  function callWith(call: number, invoke: InvokeWith, name: string, args: unknown[]): BridgeResult {
    let value: unknown
    try {
      value = invoke((fn, self) => {
        if (typeof fn !== 'function') throw new TypeErrorOf(`${name} is not a function`)
        return apply(fn, self, args)
      })
    } catch (error) {
      return threw(error)
    }
    return complete(call, value, false)
  }

  return {
    __proto__: null,
    alloc: (size: number) => new U8(size),
    hasCodec: () => codec.isLoaded(),
    loadCodec: (msgpack: Msgpack) => codec.load(msgpack),
    dropCodec: () => {
      codec.unload()
      held = undefined
    },
    codec,
    problemOf: (error: unknown) => (error === refused ? refused : undefined),
    complete,
    threw,
    callListed: (call: number, invoke: InvokeWith, name: string, ...args: Passed[]) =>
      callWith(call, invoke, name, args),
    callEncoded: (call: number, invoke: InvokeWith, name: string, bytes: Uint8Array) =>
      callWith(call, invoke, name, codec.decode(bytes) as unknown[]),
    resume() {
      const thunk = held as Thunk
      held = undefined
      return thunk()
    },
    nextSettled() {
      // Out of the list before anything of it is looked at: a result that never ends being
      // encoded must not come up again in the next turn.
      settling = first
      first = first?.next
      if (!first) last = undefined
      return settling ? settling.call : 0
    },
    settledOutcome() {
      const { value, rejected, discard } = settling as Node
      settling = undefined
      return rejected ? threw(value) : resultOf(value, discard)
    },
  } as unknown as Bridge
}
