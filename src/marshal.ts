import { checkString } from './checks.js'
import type { ContextRecord } from './directory.js'
import {
  VmError,
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

/** Arguments that the worker passes on one by one instead of as an encoded list. */
const MAX_SPREAD = 64

/**
 * Levels of nesting that a value may have, on both sides. A level of `Map` takes some ten frames
 * of stack to write and read: this many fit on every version, a few times over.
 */
export const MAX_DEPTH = 250

/**
 * The service's side of the values that travel: arguments into bytes, replies into results or
 * into errors of the host's own closed table.
 */
export class Marshal {
  readonly #codec: ValueCodec
  readonly #maxSize: number

  readonly #memoryLimit: number

  /** `maxSize` bounds sources, encoded arguments and encoded results; all in bytes. */
  constructor(maxSize: number, memoryLimit: number) {
    this.#memoryLimit = memoryLimit
    this.#maxSize = maxSize
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
  arguments(args: unknown): { args: Uint8Array; primitive: boolean } {
    if (!isArray(args)) throw new VmOptionError('args', 'an array', args)
    const encoded = this.#codec.encode(args, 'args')
    this.#checkSize('arguments', encoded.length)
    return { args: encoded, primitive: args.length <= MAX_SPREAD && args.every(isPrimitive) }
  }

  #checkSize(what: string, size: number): void {
    if (size > this.#maxSize) throw new VmSizeError(what, size, this.#maxSize)
  }

  /** The value a reply carries. Throws the `VmError` that it reports instead. */
  resultOf(reply: Reply, record: ContextRecord, timeout: number): unknown {
    switch (reply.op) {
      case Op.ok:
        return this.decode(reply.value)
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
    if (reply.op === Op.invalid) throw new VmSerializationError('reply', 'is none to this request')
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

  #extraOf(bytes: Uint8Array | undefined): ScriptErrorExtra {
    try {
      const extra = bytes && this.decode(bytes)
      return typeof extra === 'object' && extra !== null ? extra : {}
    } catch {
      return {}
    }
  }

  /** Throws `VmSerializationError`. */
  decode(bytes: Uint8Array): unknown {
    try {
      // A view that is no Buffer, so that what is decoded from it is none either.
      return this.#codec.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length))
    } catch (error) {
      if (error instanceof VmError) throw error
      throw new VmSerializationError(
        'result',
        'bytes that are no value, or one that takes too long to rebuild',
      )
    }
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

/** Primitives carry no realm: they need no codec inside the context. */
function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function')
}
