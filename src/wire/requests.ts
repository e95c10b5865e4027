import type { FieldReader } from './fields.js'
import { FrameError, type FrameWriter } from './framing.js'
import { type HostFunctionName, Op, type Request, type Source } from './protocol.js'
import { readList } from './values/read-simple.js'
import { writeList } from './values/simple.js'

type Resume = Request & { op: typeof Op.resume }

/** How requests are laid out in the payloads of frames. */

/** Stands for no deadline where a `timeout` travels. */
const NO_TIMEOUT = 0xffff_ffff
export function writeRequest(
  out: FrameWriter,
  call: number,
  context: number,
  request: Request,
): void {
  out.begin(request.op, call, context)
  if ('timeout' in request) writeTimeout(out, request.timeout)
  switch (request.op) {
    case Op.init:
      out.u8(request.cache ? 1 : 0)
      writeSources(out, request.sources)
      break
    case Op.create:
      writeSources(out, request.sources)
      writeFunctions(out, request.functions)
      break
    case Op.resume:
      writeResume(out, request)
      break
    case Op.evaluate:
      out.u8(request.discard ? 1 : 0)
      out.text(request.filename)
      out.text(request.source)
      break
    case Op.call:
      out.u8(request.apart ? 1 : 0)
      out.text(request.path)
      if (request.args instanceof Uint8Array) out.bytes(request.args)
      else writeList(out, request.args)
      break
  }
  out.end()
}

/** Throws `FrameError` when the payload is no request. */
export function readRequest(op: number, fields: FieldReader): Request {
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
      return {
        op,
        timeout: readTimeout(fields),
        sources: readSources(fields),
        functions: readFunctions(fields),
      }
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
      return { op, timeout, apart, path, args: readList(fields) }
    }
    case Op.reset:
    case Op.wake:
      return { op, timeout: readTimeout(fields) }
    case Op.resume:
      return readResume(fields)
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

function writeFunctions(out: FrameWriter, functions: readonly HostFunctionName[]): void {
  out.u32(functions.length)
  for (const { name, sync } of functions) {
    out.u8(sync ? 1 : 0)
    out.text(name)
  }
}

function readFunctions(fields: FieldReader): HostFunctionName[] {
  return Array.from({ length: fields.u32() }, () => {
    const sync = fields.flag()
    return { sync, name: fields.text() }
  })
}

function writeResume(out: FrameWriter, { owner, alone, over, ended }: Resume): void {
  out.u32(owner)
  writeTimeout(out, alone)
  out.u8(over ? 1 : 0)
  out.u32(ended.length)
  for (const { id, ok, value } of ended) {
    out.u32(id)
    out.u8(ok ? 1 : 0)
    out.u32(value.length)
    out.bytes(value)
  }
}

function readResume(fields: FieldReader): Resume {
  const timeout = readTimeout(fields)
  const owner = fields.u32()
  const alone = readTimeout(fields)
  const over = fields.flag()
  const ended = Array.from({ length: fields.u32() }, () => {
    const id = fields.u32()
    const ok = fields.flag()
    return { id, ok, value: fields.bytes(fields.u32()) }
  })
  return { op: Op.resume, timeout, owner, alone, over, ended }
}

function writeTimeout(out: FrameWriter, timeout: number): void {
  out.u32(Math.min(Math.ceil(timeout), NO_TIMEOUT))
}

function readTimeout(fields: FieldReader): number {
  const timeout = fields.u32()
  return timeout === NO_TIMEOUT ? Number.POSITIVE_INFINITY : timeout
}
