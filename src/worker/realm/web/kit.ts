import type { Primitive } from '../outcome.js'
import type { Cross, WebOps } from './ops.js'

/** What the groups of globals are made with; see `takeBuiltIns`. */
export type WebKit = ReturnType<ReturnType<typeof takeBuiltIns>>

/**
 * Takes hold of the built-ins that the globals use, before any script can change them, and gives
 * them out when the first global is asked for. Every context pays for the former: so it is a list
 * of loads, into variables and not into an object.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function takeBuiltIns(cross: Cross) {
  const { apply, defineProperty, deleteProperty, getPrototypeOf, setPrototypeOf, ownKeys } = Reflect
  const { bind, call, toString: functionText } = Function.prototype
  const ObjectOf = Object
  const { keys, getOwnPropertyDescriptor: descriptorOf } = ObjectOf
  const ObjectPrototype = ObjectOf.prototype as unknown as Record<string, unknown>
  const { toString: tag, hasOwnProperty: own } = ObjectPrototype
  const { charCodeAt, slice, toWellFormed, valueOf: stringValue } = String.prototype
  const { parse, stringify } = JSON
  const { isArray } = Array
  const ErrorOf = Error
  const { captureStackTrace } = ErrorOf
  const TypeErrorOf = TypeError
  const RangeErrorOf = RangeError
  const EvalErrorOf = EvalError
  const ReferenceErrorOf = ReferenceError
  const SyntaxErrorOf = SyntaxError
  const UriErrorOf = URIError
  const MapOf = Map
  const { get: mapGet, set: mapSet, has: mapHas, forEach: mapEach } = MapOf.prototype
  const SetOf = Set
  const { add: setAdd, has: setHas, forEach: setEach } = SetOf.prototype
  const DateOf = Date
  const { now: dateNow } = DateOf
  const { getTime: dateTime } = DateOf.prototype
  const RegExpOf = RegExp
  const numberValue = Number.prototype.valueOf
  const booleanValue = Boolean.prototype.valueOf
  const bigintValue = BigInt.prototype.valueOf
  const SymbolOf = Symbol
  const symbolText = SymbolOf.prototype.toString
  const BufferOf = ArrayBuffer
  const { isView } = BufferOf
  const { transfer } = BufferOf.prototype as { transfer?: () => ArrayBuffer }
  const U8 = Uint8Array
  const viewPrototype = getPrototypeOf(U8.prototype) as Uint8Array
  const viewSet = viewPrototype.set
  const I8 = Int8Array
  const U8C = Uint8ClampedArray
  const I16 = Int16Array
  const U16 = Uint16Array
  const I32 = Int32Array
  const U32 = Uint32Array
  const F32 = Float32Array
  const F64 = Float64Array
  const I64 = BigInt64Array
  const U64 = BigUint64Array
  const DataViewOf = DataView
  const { Float16Array: F16, SharedArrayBuffer: SharedOf } = globalThis as {
    readonly Float16Array?: typeof Float32Array
    readonly SharedArrayBuffer?: typeof SharedArrayBuffer
  }
  // Not into an object: in a new context that takes longer than all the rest.
  const viewTagGet = descriptorOf(viewPrototype, SymbolOf.toStringTag)?.get
  const viewBufferGet = descriptorOf(viewPrototype, 'buffer')?.get
  const viewOffsetGet = descriptorOf(viewPrototype, 'byteOffset')?.get
  const viewBytesGet = descriptorOf(viewPrototype, 'byteLength')?.get
  const viewLengthGet = descriptorOf(viewPrototype, 'length')?.get
  const dataBufferGet = descriptorOf(DataViewOf.prototype, 'buffer')?.get
  const dataOffsetGet = descriptorOf(DataViewOf.prototype, 'byteOffset')?.get
  const dataBytesGet = descriptorOf(DataViewOf.prototype, 'byteLength')?.get
  const bufferBytesGet = descriptorOf(BufferOf.prototype, 'byteLength')?.get
  const bufferMostGet = descriptorOf(BufferOf.prototype, 'maxByteLength')?.get
  const bufferResizableGet = descriptorOf(BufferOf.prototype, 'resizable')?.get
  const sharedBytesGet = SharedOf && descriptorOf(SharedOf.prototype, 'byteLength')?.get
  const regexSourceGet = descriptorOf(RegExpOf.prototype, 'source')?.get
  const madeAt = dateNow()

  return (ops: WebOps, exceptionOf: (message: string, name: string) => object) => {
    type Uncurried = (self: unknown, ...args: unknown[]) => never
    const uncurry = apply(bind, bind, [call]) as (fn: unknown) => Uncurried
    type Read<T> = (self: unknown) => T
    const viewTag = uncurry(viewTagGet) as Read<string | undefined>
    const viewBuffer = uncurry(viewBufferGet) as Read<ArrayBuffer>
    const viewOffset = uncurry(viewOffsetGet) as Read<number>
    const viewBytes = uncurry(viewBytesGet) as Read<number>
    const dataBuffer = uncurry(dataBufferGet) as Read<ArrayBuffer>
    const dataOffset = uncurry(dataOffsetGet) as Read<number>
    const dataBytes = uncurry(dataBytesGet) as Read<number>
    const bufferBytes = uncurry(bufferBytesGet) as Read<number>
    const sharedBytes = sharedBytesGet && (uncurry(sharedBytesGet) as Read<number>)
    const wellFormed = uncurry(toWellFormed) as Read<string>
    const platform: ((value: object) => boolean)[] = []
    let clockAt: number | undefined

    function ask(op: number, a?: Primitive | Uint8Array, b?: Primitive, c?: Primitive) {
      try {
        return cross(op, a, b, c)
      } catch {
        // What it throws is another realm's; it has nothing to throw but for want of stack.
        throw new RangeErrorOf('Maximum call stack size exceeded')
      }
    }

    function nodeError(Make: new (message: string) => Error, code: string, message: string): Error {
      const error = new Make(message)
      defineProperty(error, 'code', plain(code, true))
      return error
    }

    function invalid(message: string): Error {
      return nodeError(TypeErrorOf, 'ERR_INVALID_ARG_TYPE', message)
    }

    /** It inherits nothing a script could have put there. */
    function plain(value: unknown, enumerable = false): PropertyDescriptor {
      return { __proto__: null, value, enumerable, configurable: true, writable: true } as never
    }

    /** Whether the built-in that `probe` belongs to made this object. */
    function is(probe: (value: never) => unknown, value: unknown): boolean {
      try {
        probe(value as never)
      } catch (error) {
        return refused(error)
      }
      return true
    }

    /** False, unless it was for want of stack that a built-in did not answer. */
    function refused(error: unknown): false {
      if (getPrototypeOf(error as object) === RangeErrorOf.prototype) throw error
      return false
    }

    function enumerate(target: object): void {
      const names = ownKeys(target)
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string
        if (typeof name === 'symbol' || name === 'constructor' || name === 'prototype') continue
        if (typeof target === 'function' && (name === 'name' || name === 'length')) continue
        defineProperty(target, name, { __proto__: null, enumerable: true } as never)
      }
    }

    /** The bytes of a view or of a buffer, not copied; none when their memory is gone. */
    function bytesOf(source: unknown, what: string): Uint8Array {
      try {
        if (isView(source)) {
          return viewTag(source) === undefined
            ? new U8(dataBuffer(source), dataOffset(source), dataBytes(source))
            : new U8(viewBuffer(source), viewOffset(source), viewBytes(source))
        }
        if (is(bufferBytes, source) || (sharedBytes && is(sharedBytes, source))) {
          return new U8(source as ArrayBuffer)
        }
      } catch (error) {
        refused(error)
        return new U8(0)
      }
      throw invalid(`The "${what}" argument must be an instance of ArrayBuffer or ArrayBufferView`)
    }

    return {
      // In a new context an object without prototype is made in a third of the time of another.
      __proto__: null,
      ops,
      ask,
      plain,
      is,
      bytesOf,
      /** A string as the platform's interfaces take it: without lone surrogates. */
      usv: (value: unknown) => wellFormed(`${value as string}`),
      exception: exceptionOf,
      /** Objects that are no plain data, though they look like it: which value is one of these. */
      mark: (isOne: (value: object) => boolean) => {
        defineProperty(platform, platform.length, plain(isOne))
      },
      isPlatform(value: object): boolean {
        for (let i = 0; i < platform.length; i++) {
          if ((platform[i] as (value: object) => boolean)(value)) return true
        }
        return false
      },
      invalid,
      invalidThis: (name: string) =>
        nodeError(TypeErrorOf, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`),
      need(given: number, least: number, what: string): void {
        const message = `${what} must be specified`
        if (given < least) throw nodeError(TypeErrorOf, 'ERR_MISSING_ARGS', message)
      },
      nodeError,
      /** Whole milliseconds since the context was made. */
      now(): number {
        const clock = ask(ops.now) as number
        if (clockAt === undefined) {
          const age = dateNow() - madeAt
          clockAt = clock - (age > 0 ? age : 0)
        }
        return clock - clockAt
      },
      madeAt,
      /** Makes a class look like one of the platform's. */
      expose(Class: { readonly prototype: object }, tag: string): void {
        enumerate(Class)
        enumerate(Class.prototype)
        const property = { __proto__: null, value: tag, configurable: true }
        defineProperty(Class.prototype, SymbolOf.toStringTag, property as never)
      },
      apply,
      defineProperty,
      deleteProperty,
      getPrototypeOf,
      setPrototypeOf,
      ownKeys,
      keys,
      descriptorOf,
      ObjectOf,
      ObjectPrototype: ObjectPrototype as object,
      hasOwn: uncurry(own) as (value: object, key: PropertyKey) => boolean,
      tagOf: uncurry(tag) as Read<string>,
      charCodeAt: uncurry(charCodeAt) as (text: string, at: number) => number,
      slice: uncurry(slice) as (text: string, from: number, to?: number) => string,
      parse,
      quote: stringify as (text: string) => string,
      isArray,
      ErrorOf,
      TypeErrorOf,
      RangeErrorOf,
      errorClasses: {
        __proto__: null,
        Error: ErrorOf,
        EvalError: EvalErrorOf,
        RangeError: RangeErrorOf,
        ReferenceError: ReferenceErrorOf,
        SyntaxError: SyntaxErrorOf,
        TypeError: TypeErrorOf,
        URIError: UriErrorOf,
      } as unknown as Record<string, new (message?: string) => Error>,
      captureStackTrace,
      MapOf,
      mapGet: uncurry(mapGet) as (map: unknown, key: unknown) => unknown,
      mapSet: uncurry(mapSet) as (map: unknown, key: unknown, value: unknown) => void,
      mapHas: uncurry(mapHas) as (map: unknown, key: unknown) => boolean,
      mapEach: uncurry(mapEach) as (m: unknown, f: (v: unknown, k: unknown) => void) => void,
      SetOf,
      setAdd: uncurry(setAdd) as (set: unknown, value: unknown) => void,
      setHas: uncurry(setHas) as (set: unknown, value: unknown) => boolean,
      setEach: uncurry(setEach) as (set: unknown, f: (value: unknown) => void) => void,
      DateOf,
      dateTime: uncurry(dateTime) as Read<number>,
      RegExpOf,
      regexSource: uncurry(regexSourceGet) as Read<string>,
      numberValue: uncurry(numberValue) as Read<number>,
      stringValue: uncurry(stringValue) as Read<string>,
      booleanValue: uncurry(booleanValue) as Read<boolean>,
      bigintValue: uncurry(bigintValue) as Read<bigint>,
      SymbolOf,
      symbolText: uncurry(symbolText) as Read<string>,
      functionText: uncurry(functionText) as Read<string>,
      BufferOf,
      isView,
      bufferBytes: bufferBytes as Read<number>,
      bufferMost: uncurry(bufferMostGet) as Read<number>,
      bufferResizable: uncurry(bufferResizableGet) as Read<boolean>,
      sharedBytes,
      transfer: transfer && (uncurry(transfer) as Read<ArrayBuffer>),
      U8,
      viewTag,
      viewBuffer,
      viewOffset,
      viewBytes,
      viewLength: uncurry(viewLengthGet) as Read<number>,
      viewSet: uncurry(viewSet) as (view: unknown, from: unknown, at?: number) => void,
      DataViewOf,
      dataBuffer,
      dataOffset,
      dataBytes,
      viewClasses: {
        __proto__: null,
        Int8Array: I8,
        Uint8Array: U8,
        Uint8ClampedArray: U8C,
        Int16Array: I16,
        Uint16Array: U16,
        Int32Array: I32,
        Uint32Array: U32,
        Float16Array: F16,
        Float32Array: F32,
        Float64Array: F64,
        BigInt64Array: I64,
        BigUint64Array: U64,
      } as unknown as Record<string, typeof Uint8Array>,
    }
  }
}
