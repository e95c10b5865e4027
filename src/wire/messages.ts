import { FieldReader } from './fields.js'
import { FrameError, type FrameWriter } from './framing.js'
import { type Event, Op, type Reply, type Request, type Source } from './protocol.js'

/** How messages are laid out in the payloads of frames. */

/** Stands for no deadline where a `timeout` travels. */
const NO_TIMEOUT = 0xffff_ffff
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
      out.u8(request.cache ? 1 : 0)
      writeSources(out, request.sources)
      break
    case Op.create:
      writeSources(out, request.sources)
      break
    case Op.evaluate:
      out.u8(request.discard ? 1 : 0)
      out.text(request.filename)
      out.text(request.source)
      break
    case Op.call:
      out.u8(request.apart ? 1 : 0)
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
    case Op.init: {
      const timeout = readTimeout(fields)
      const cache = fields.flag()
      return { op, timeout, cache, sources: readSources(fields) }
    }
    case Op.create:
      return { op, timeout: readTimeout(fields), sources: readSources(fields) }
    case Op.evaluate: {
      const timeout = readTimeout(fields)
      const discard = fields.flag()
      const filename = fields.text()
      return { op, timeout, discard, filename, source: fields.text() }
    }
    case Op.call: {
      const timeout = readTimeout(fields)
      const apart = fields.flag()
      const path = fields.text()
      return { op, timeout, apart, path, args: fields.rest() }
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

function writeSources(out: FrameWriter, sources: readonly Source[]): void {
  out.u32(sources.length)
  for (const { source, filename, code } of sources) {
    out.text(filename)
    out.text(source)
    out.u32(code?.length ?? 0)
    if (code) out.bytes(code)
  }
}

function readSources(fields: FieldReader): Source[] {
  return Array.from({ length: fields.u32() }, () => {
    const filename = fields.text()
    const source = fields.text()
    const code = fields.bytes(fields.u32())
    return { filename, source, code: code.length > 0 ? code : undefined }
  })
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
    case Op.aside:
      out.u32(reply.timeout)
      break
    case Op.hello:
      out.u32(reply.version)
      out.u32(reply.pid)
      break
    case Op.suspended:
    case Op.begun:
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
    case Op.aside:
      return { op, timeout: fields.u32() }
    case Op.hello:
      return { op, version: fields.u32(), pid: fields.u32() }
    case Op.suspended:
    case Op.begun:
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
