import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { FieldReader } from '../../src/wire/fields.js'
import { FrameError, FrameWriter } from '../../src/wire/framing.js'
import { type Event, type HostEnd, Op, type Reply, type Request } from '../../src/wire/protocol.js'
import { readReply, writeReply } from '../../src/wire/replies.js'
import { readRequest, writeRequest } from '../../src/wire/requests.js'
import { Encoded } from '../../src/wire/values/simple.js'
import { anyText } from '../support/arbitraries.js'
import { bytesOf, type Frame, readFrames } from '../support/frames.js'

const text = fc.oneof(anyText, fc.constantFrom('', '\ud800', '\ufeff', '\0'))
const bytes = fc.uint8Array().map((array) => Buffer.from(array))
const flag = fc.boolean()
const u32 = fc.nat(0xffff_ffff)
/** Records as literals make them, for strict comparison. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(fields, { noNullPrototype: true })
const code = fc.option(
  fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
  { nil: undefined },
)
const sources = fc.array(record({ source: text, filename: text, code }))
const functions = fc.array(record({ name: text, sync: flag }))
const ended: fc.Arbitrary<HostEnd[]> = fc.array(record({ id: u32, ok: flag, value: bytes }))
/** In milliseconds; on the wire a whole number, or none. */
const timeout = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 }),
  fc.constant(Number.POSITIVE_INFINITY),
)
const rss = fc.maxSafeNat()
const op = <T extends number>(value: T) => fc.constant(value)

const simple = fc.oneof(
  fc.integer(),
  fc.string(),
  flag,
  bytes,
  fc.constantFrom(null, undefined, 1.5, 7n),
)
/** All simple; or an encoded list of an object. */
const args = fc.oneof(
  fc.array(simple, { maxLength: 64 }),
  fc.constant(Buffer.from([0xdc, 0, 1, 0x80])),
)

const request: fc.Arbitrary<Request> = fc.oneof(
  record({ op: op(Op.init), timeout, sources, cache: flag }),
  record({ op: op(Op.create), timeout, sources, functions }),
  record({ op: op(Op.reset), timeout }),
  record({ op: op(Op.destroy) }),
  record({ op: op(Op.evaluate), timeout, source: text, filename: text, discard: flag }),
  record({ op: op(Op.call), timeout, path: text, args, apart: flag }),
  record({ op: op(Op.abandon) }),
  record({ op: op(Op.inventory) }),
  record({ op: op(Op.wake), timeout }),
  record({ op: op(Op.resume), timeout, owner: u32, alone: timeout, over: flag, ended }),
)

const extra = fc.oneof(
  fc.constant(undefined),
  bytes.filter((array) => array.length > 0),
)
const reply: fc.Arbitrary<Reply | Event> = fc.oneof(
  record({ op: op(Op.ok), value: fc.oneof(simple, fc.constant(new Encoded(Buffer.from([0x80])))) }),
  record({ op: op(Op.error), name: text, message: text, stack: text, extra }),
  record({ op: op(Op.timeout), started: flag }),
  record({ op: op(Op.invalid), known: flag }),
  record({ op: op(Op.unserializable), path: text, why: text }),
  record({ op: op(Op.oversize), size: u32 }),
  record({ op: op(Op.hello), version: u32, pid: u32 }),
  record({ op: op(Op.suspended) }),
  record({ op: op(Op.begun) }),
  record({ op: op(Op.aside), timeout: u32 }),
  record({ op: op(Op.memory), rss }),
  record({ op: op(Op.evicted), rss }),
  record({ op: op(Op.pressure), on: flag, rss }),
  record({ op: op(Op.hostCall), id: u32, fn: fc.nat(0xffff), args: bytes }),
  record({ op: op(Op.timer), delay: u32 }),
  record({ op: op(Op.console), lines: fc.array(record({ level: fc.nat(255), text: bytes })) }),
  record({ op: op(Op.ask), used: fc.nat(), fn: fc.nat(0xffff), args: bytes }),
)

function onlyFrame(out: FrameWriter): Frame {
  const frames = readFrames([bytesOf(out)])
  assert.equal(frames.length, 1)
  return frames[0] as Frame
}

test('every request is read as it was written', () => {
  fc.assert(
    fc.property(request, u32, u32, (message, call, context) => {
      const out = new FrameWriter()
      writeRequest(out, call, context, message)
      const frame = onlyFrame(out)
      assert.deepEqual([frame.call, frame.context], [call, context])
      assert.deepEqual(readRequest(frame.op, FieldReader.of(frame.payload)), message)
    }),
    { numRuns: 300 },
  )
})

test('every reply and event is read as it was written', () => {
  fc.assert(
    fc.property(reply, u32, u32, (message, call, context) => {
      const out = new FrameWriter()
      writeReply(out, call, context, message)
      const frame = onlyFrame(out)
      assert.deepEqual([frame.call, frame.context], [call, context])
      assert.deepEqual(readReply(frame.op, FieldReader.of(frame.payload)), message)
    }),
    { numRuns: 300 },
  )
})

test('whatever bytes come as a message, reading them ends in a message or a FrameError', () => {
  const opcode = fc.oneof(fc.constantFrom(...Object.values(Op)), fc.nat(255))
  fc.assert(
    fc.property(opcode, bytes, (code, payload) => {
      for (const read of [readRequest, readReply]) {
        try {
          assert.equal(read(code, FieldReader.of(payload)).op, code)
        } catch (error) {
          assert.ok(error instanceof FrameError, String(error))
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('no two operations share a number', () => {
  const numbers = Object.values(Op)
  assert.equal(new Set(numbers).size, numbers.length)
})
