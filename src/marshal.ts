import { checkString } from './checks.js'
import type { ContextRecord } from './directory.js'
import {
  VmInvalidContextError,
  VmMemoryError,
  VmOptionError,
  VmScriptError,
  VmSerializationError,
  VmSizeError,
  VmTimeoutError,
} from './errors.js'
import { textSize } from './wire/framing.js'
import { Op, type Reply, type ScriptErrorExtra } from './wire/protocol.js'
import { createValueCodec, type ValueCodec } from './wire/values/codec.js'
import { loadMsgpack } from './wire/values/msgpack.js'
import { ValueScan } from './wire/values/scan.js'
import { Encoded, makeSimple, readItems, type Simple } from './wire/values/simple.js'
import { ScanError } from './wire/values/token-reader.js'

/**
 * Levels of nesting that a value may have, on both sides. A level of `Map` takes some ten frames
 * of stack to write and read: this many fit on every version, a few times over.
 */
export const MAX_DEPTH = 250

/**
 * What the values of one reply may cost to rebuild, for each byte it may have (see `ValueScan`):
 * a second or two for five mebibytes, and enough for a million objects.
 */
const WEIGHT_PER_BYTE = 4
/** Characters of an error's name and message that a script gets. */
const LONGEST_NAME = 256
const LONGEST_MESSAGE = 16 * 1024
/** Where replies are small, their bytes are bound enough. */
const LEAST_WEIGHT = 4 * 1024 * 1024

/**
 * The service's side of the values that travel: arguments into bytes, replies into results or
 * into errors of the host's own closed table.
 */
export class Marshal {
  readonly #codec: ValueCodec
  readonly #scan: ValueScan
  readonly #maxSize: number
  readonly #memoryLimit: number

  /** `maxSize` bounds sources, encoded arguments and encoded results; all in bytes. */
  constructor(maxSize: number, memoryLimit: number) {
    this.#memoryLimit = memoryLimit
    this.#maxSize = maxSize
    const maxWeight = Math.max(maxSize * WEIGHT_PER_BYTE, LEAST_WEIGHT)
    this.#scan = new ValueScan({ maxDepth: MAX_DEPTH, maxWeight })
    this.#codec = createValueCodec(
      {
        functions: 'refuse',
        stackOf: undefined,
        maxDepth: MAX_DEPTH,
        maxNodes: maxSize,
        problem: ({ path, why }) => new VmSerializationError(path, why),
      },
      loadMsgpack(),
    )
  }

  /** Throws `VmOptionError` or `VmSizeError`. */
  source(source: unknown): string {
    checkString(source, 'source')
    const text = source as string
    // A UTF-16 unit takes one to three bytes: most sources need not be measured.
    if (text.length * 3 > this.#maxSize) this.#checkSize('source', textSize(text))
    return text
  }

  /** Throws `VmOptionError`, `VmSerializationError` or `VmSizeError`. */
  arguments(args: unknown): Uint8Array | readonly Simple[] {
    if (!isArray(args)) throw new VmOptionError('args', 'an array', args)
    const items = itemsOf(args)
    if (items && makeSimple(items, this.#maxSize)) return items
    const encoded = this.#codec.encode(items ?? args, 'args')
    this.#checkSize('arguments', encoded.length)
    return encoded
  }

  /** A result of the host's. Throws `VmSerializationError` or `VmSizeError`. */
  encode(value: unknown, root: string): Uint8Array {
    // At the top they are nothing, as a script's are.
    const isNone = typeof value === 'function' || typeof value === 'symbol'
    const encoded = this.#codec.encode(isNone ? undefined : value, root)
    this.#checkSize(root, encoded.length)
    return encoded
  }

  /** Name and message of an error that a script gets: as much of them as is worth telling. */
  encodeError(name: string, message: string): Uint8Array {
    const texts = [name.slice(0, LONGEST_NAME), message.slice(0, LONGEST_MESSAGE)]
    return this.#codec.encode(
      texts.map((text) => text.toWellFormed()),
      'error',
    )
  }

  #checkSize(what: string, size: number): void {
    if (size > this.#maxSize) throw new VmSizeError(what, size, this.#maxSize)
  }

  /** The value a reply carries. Throws the `VmError` that it reports instead. */
  resultOf(reply: Reply, record: ContextRecord, timeout: number): unknown {
    switch (reply.op) {
      case Op.ok:
        return this.value(reply.value, 'result')
      case Op.timeout:
        // Ended for its context's sake, not for its own.
        if (record.state === 'gone') throw record.error()
        throw new VmTimeoutError(timeout, reply.started ? 'run' : 'queue', true)
      case Op.invalid:
        throw record.state === 'gone'
          ? record.error()
          : new VmInvalidContextError(record.id, reply.known ? 'destroyed' : 'unknown')
      default:
        return this.#throwIfError(reply)
    }
  }

  #throwIfError(reply: Reply): void {
    switch (reply.op) {
      case Op.error:
        throw this.#scriptError(reply)
      case Op.unserializable:
        throw new VmSerializationError(reply.path, reply.why)
      case Op.oversize:
        throw new VmSizeError('result', reply.size, this.#maxSize)
      case Op.memory:
        throw new VmMemoryError(this.#memoryLimit, reply.rss)
    }
  }

  /** Throws what the reply to a request without a result reports; no context survives that. */
  check(reply: Reply, timeout: number): void {
    if (reply.op === Op.timeout) {
      throw new VmTimeoutError(timeout, reply.started ? 'run' : 'queue', false)
    }
    this.#throwIfError(reply)
  }

  /** The host's error for what a script threw. Whatever the worker sent, it is one. */
  #scriptError(reply: Reply & { op: typeof Op.error }): VmScriptError {
    const { properties, thrown, cause } = this.#extraOf(reply.extra)
    return new VmScriptError({
      scriptName: reply.name === '' ? undefined : reply.name,
      message: reply.message,
      scriptStack: reply.stack === '' ? undefined : reply.stack,
      ...(properties && { properties }),
      ...(thrown && { thrown: { value: thrown[0] } }),
      ...(cause && { cause: { value: cause[0] } }),
    })
  }

  /** What can't be decoded must not hide the error that carries it. */
  #extraOf(bytes: Uint8Array | undefined): ScriptErrorExtra {
    if (!bytes) return {}
    try {
      const extra = this.decode(bytes, 'error')
      if (!isRecord(extra)) return {}
      const { properties, thrown, cause } = extra
      return {
        ...(isRecord(properties) && { properties }),
        ...(isSingle(thrown) && { thrown }),
        ...(isSingle(cause) && { cause }),
      }
    } catch {
      return {}
    }
  }

  /** A value that came. Throws `VmSerializationError`. */
  value(value: Simple | Encoded, root: string): unknown {
    if (value instanceof Encoded) return this.decode(value.bytes, root)
    try {
      return own(value)
    } catch {
      throw new VmSerializationError(root, 'bytes that there is no memory for')
    }
  }

  /**
   * Whatever the bytes are, they become a value of this realm's own classes, or a
   * `VmSerializationError`: a script that changed its built-ins can make its worker send any.
   */
  decode(bytes: Uint8Array, root: string): unknown {
    try {
      // A view that is no Buffer, so that what is decoded from it is none either.
      const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
      this.#scan.check(view)
      return this.#codec.decode(view)
    } catch (error) {
      throw new VmSerializationError(
        root,
        error instanceof ScanError
          ? `no value that may come back (${error.message})`
          : 'bytes that are no value, or one that takes too long to rebuild',
      )
    }
  }
}

/** Bytes of their own, and of no more memory than that. */
function own(value: Simple): Simple {
  return typeof value === 'object' && value !== null ? new Uint8Array(value) : value
}

/** What a MessagePack map is decoded to. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

function isSingle(value: unknown): value is [unknown] {
  return Array.isArray(value) && value.length === 1
}

/** Throws `VmSerializationError`. */
function itemsOf(args: readonly unknown[]): unknown[] | undefined {
  try {
    return readItems(args)
  } catch {
    throw new VmSerializationError('args', 'looking at it, or at a part of it, threw')
  }
}

/** A revoked proxy of an array throws when it is asked. */
function isArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}
