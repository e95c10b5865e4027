import type { FieldReader } from './fields.js'
import { FrameError, type FrameWriter } from './framing.js'
import { type Event, type Line, Op, type Reply } from './protocol.js'
import { readValue } from './values/read-simple.js'
import { Encoded, writeSimple } from './values/simple.js'

/** How replies and events are laid out in the payloads of frames. */

export function writeReply(
  out: FrameWriter,
  call: number,
  context: number,
  reply: Reply | Event,
): void {
  out.begin(reply.op, call, context)
  switch (reply.op) {
    case Op.ok:
      if (reply.value instanceof Encoded) out.bytes(reply.value.bytes)
      else writeSimple(out, reply.value)
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
    case Op.timer:
      out.u32(reply.delay)
      break
    case Op.hostCall:
      out.u32(reply.id)
      out.u16(reply.fn)
      out.bytes(reply.args)
      break
    case Op.ask:
      out.f64(reply.used)
      out.u16(reply.fn)
      out.bytes(reply.args)
      break
    case Op.console:
      for (const { level, text } of reply.lines) {
        out.u8(level)
        out.u32(text.length)
        out.bytes(text)
      }
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
export function readReply(op: number, fields: FieldReader): Reply | Event {
  const reply = replyOf(op, fields)
  fields.end()
  return reply
}

function replyOf(op: number, fields: FieldReader): Reply | Event {
  switch (op) {
    case Op.ok:
      return { op, value: readValue(fields) }
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
    case Op.timer:
      return { op, delay: fields.u32() }
    case Op.hostCall:
      return { op, id: fields.u32(), fn: fields.u16(), args: fields.rest() }
    case Op.ask:
      return { op, used: fields.span(), fn: fields.u16(), args: fields.rest() }
    case Op.console:
      return { op, lines: readLines(fields) }
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

function readLines(fields: FieldReader): Line[] {
  const lines: Line[] = []
  while (fields.left > 0) lines.push({ level: fields.u8(), text: fields.bytes(fields.u32()) })
  return lines
}
