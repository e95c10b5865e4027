import { FieldReader, FrameError, type FrameWriter } from './framing.js'

/**
 * Every message between a service and a process, as discriminated unions. Requests are
 * numbered by the service; each gets exactly one reply with its number, except `abandon`,
 * which carries the number of the request it withdraws and changes that one's reply.
 */

/** Goes up with every change that an older peer would misread. */
export const PROTOCOL_VERSION = 1

/** The descriptor in the worker that carries frames. */
export const CHANNEL_FD = 3
/** The descriptor in the worker whose end means that the supervisor is gone. */
export const LIFELINE_FD = 4
/** The budget of a context's last turn, in milliseconds. */
export const FAREWELL_TIMEOUT = 10
/** Stands for no deadline where a `timeout` travels. */
const NO_TIMEOUT = 0xffff_ffff

export const Op = {
  init: 1,
  create: 2,
  reset: 3,
  destroy: 4,
  evaluate: 5,
  call: 6,
  abandon: 7,
  inventory: 8,

  ok: 64,
  error: 65,
  timeout: 66,
  invalid: 67,
  unserializable: 68,
  oversize: 69,
  memory: 70,

  hello: 128,
  suspended: 129,
  evicted: 130,
  pressure: 131,
  farewell: 132,
} as const

/** A script and the name that its stacks show. */
export interface Source {
  readonly source: string
  readonly filename: string
}

/** A request that runs scripts, for at most `timeout` ms at a stretch; or Infinity. */
interface Turn {
  readonly timeout: number
}

export type TurnRequest =
  /** Start-up sources of every context; proven by building a first one, kept for `create`. */
  | ({ readonly op: typeof Op.init; readonly sources: readonly Source[] } & Turn)
  | ({ readonly op: typeof Op.create; readonly sources: readonly Source[] } & Turn)
  | ({ readonly op: typeof Op.reset } & Turn)
  | ({
      readonly op: typeof Op.evaluate
      readonly source: string
      readonly filename: string
      readonly discard: boolean
    } & Turn)
  | ({
      readonly op: typeof Op.call
      /** Path segments, joined by U+0000. */
      readonly path: string
      /** An encoded array. */
      readonly args: Uint8Array
      /** Whether the arguments are primitives, which need no codec in the context. */
      readonly primitive: boolean
    } & Turn)

export type Request =
  | TurnRequest
  | { readonly op: typeof Op.destroy }
  | { readonly op: typeof Op.abandon }
  /** The numbers of all contexts the process holds, as an encoded array. */
  | { readonly op: typeof Op.inventory }

/** How a script's error looks from outside; `extra` is an encoded `ScriptErrorExtra`. */
export interface ScriptFailure {
  /** Empty when what was thrown is not an error. */
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly extra: Uint8Array | undefined
}

export interface ScriptErrorExtra {
  readonly properties?: Record<string, unknown>
  readonly cause?: [unknown]
  readonly thrown?: [unknown]
}

export type Reply =
  | { readonly op: typeof Op.ok; readonly value: Uint8Array }
  | ({ readonly op: typeof Op.error } & ScriptFailure)
  /** Its turn was ended at the deadline; or it was withdrawn, perhaps before it started. */
  | { readonly op: typeof Op.timeout; readonly started: boolean }
  /** `known`: the context was there when the call started, and was destroyed or reset. */
  | { readonly op: typeof Op.invalid; readonly known: boolean }
  | { readonly op: typeof Op.unserializable; readonly path: string; readonly why: string }
  | { readonly op: typeof Op.oversize; readonly size: number }
  /** Its turn was ended because the process reached `rss` bytes; its context is evicted. */
  | { readonly op: typeof Op.memory; readonly rss: number }

export type Event =
  | { readonly op: typeof Op.hello; readonly version: number; readonly pid: number }
  /** The call waits for a promise; the next one runs. */
  | { readonly op: typeof Op.suspended }
  /** The context was destroyed for the memory it held. */
  | { readonly op: typeof Op.evicted; readonly rss: number }
  /** The last turn of a context that is gone has begun, ahead of all others, or is over. */
  | { readonly op: typeof Op.farewell; readonly on: boolean }
  /** Memory is short even without garbage, or is so no longer. */
  | { readonly op: typeof Op.pressure; readonly on: boolean; readonly rss: number }

export function writeRequest(
  out: FrameWriter,
  call: number,
  context: number,
  request: Request,
): void {
  out.begin(request.op, call, context)
  if ('timeout' in request) out.u32(Math.min(Math.ceil(request.timeout), NO_TIMEOUT))
  switch (request.op) {
    case Op.init:
    case Op.create:
      out.u32(request.sources.length)
      for (const { source, filename } of request.sources) {
        out.text(filename)
        out.text(source)
      }
      break
    case Op.evaluate:
      out.u8(request.discard ? 1 : 0)
      out.text(request.filename)
      out.text(request.source)
      break
    case Op.call:
      out.u8(request.primitive ? 1 : 0)
      out.text(request.path)
      out.bytes(request.args)
      break
  }
  out.end()
}

/** Throws `FrameError` when the payload is no request. */
export function readRequest(op: number, payload: Buffer): Request {
  const fields = new FieldReader(payload)
  const request = requestOf(op, fields)
  fields.end()
  return request
}

function requestOf(op: number, fields: FieldReader): Request {
  switch (op) {
    case Op.init:
    case Op.create: {
      const timeout = readTimeout(fields)
      const sources = Array.from({ length: fields.u32() }, () => {
        const filename = fields.text()
        return { filename, source: fields.text() }
      })
      return { op, timeout, sources }
    }
    case Op.evaluate: {
      const timeout = readTimeout(fields)
      const discard = fields.flag()
      const filename = fields.text()
      return { op, timeout, discard, filename, source: fields.text() }
    }
    case Op.call: {
      const timeout = readTimeout(fields)
      const primitive = fields.flag()
      const path = fields.text()
      return { op, timeout, primitive, path, args: fields.rest() }
    }
    case Op.reset:
      return { op, timeout: readTimeout(fields) }
    case Op.destroy:
    case Op.abandon:
    case Op.inventory:
      return { op }
    default:
      throw new FrameError(`expected the opcode of a request, got ${op}`)
  }
}

function readTimeout(fields: FieldReader): number {
  const timeout = fields.u32()
  return timeout === NO_TIMEOUT ? Number.POSITIVE_INFINITY : timeout
}

export function writeReply(
  out: FrameWriter,
  call: number,
  context: number,
  reply: Reply | Event,
): void {
  out.begin(reply.op, call, context)
  switch (reply.op) {
    case Op.ok:
      out.bytes(reply.value)
      break
    case Op.error:
      out.text(reply.name)
      out.text(reply.message)
      out.text(reply.stack)
      if (reply.extra) out.bytes(reply.extra)
      break
    case Op.timeout:
      out.u8(reply.started ? 1 : 0)
      break
    case Op.invalid:
      out.u8(reply.known ? 1 : 0)
      break
    case Op.unserializable:
      out.text(reply.path)
      out.text(reply.why)
      break
    case Op.oversize:
      out.f64(reply.size)
      break
    case Op.memory:
    case Op.evicted:
      out.f64(reply.rss)
      break
    case Op.pressure:
      out.u8(reply.on ? 1 : 0)
      out.f64(reply.rss)
      break
    case Op.farewell:
      out.u8(reply.on ? 1 : 0)
      break
    case Op.hello:
      out.u32(reply.version)
      out.u32(reply.pid)
      break
    case Op.suspended:
      break
  }
  out.end()
}

/** Throws `FrameError` when the payload is no reply or event. */
export function readReply(op: number, payload: Buffer): Reply | Event {
  const fields = new FieldReader(payload)
  const reply = replyOf(op, fields)
  fields.end()
  return reply
}

function replyOf(op: number, fields: FieldReader): Reply | Event {
  switch (op) {
    case Op.ok:
      return { op, value: fields.rest() }
    case Op.error: {
      const name = fields.text()
      const message = fields.text()
      const stack = fields.text()
      const extra = fields.rest()
      return { op, name, message, stack, extra: extra.length > 0 ? extra : undefined }
    }
    case Op.timeout:
      return { op, started: fields.flag() }
    case Op.invalid:
      return { op, known: fields.flag() }
    case Op.unserializable:
      return { op, path: fields.text(), why: fields.text() }
    case Op.oversize:
      return { op, size: fields.size() }
    case Op.farewell:
      return { op, on: fields.flag() }
    case Op.hello:
      return { op, version: fields.u32(), pid: fields.u32() }
    case Op.suspended:
      return { op }
    case Op.memory:
    case Op.evicted:
      return { op, rss: fields.size() }
    case Op.pressure:
      return { op, on: fields.flag(), rss: fields.size() }
    default:
      throw new FrameError(`expected the opcode of a reply or an event, got ${op}`)
  }
}
