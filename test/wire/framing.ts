import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FieldReader } from '../../src/wire/fields.js'
import { FrameReader } from '../../src/wire/frame-reader.js'
import { FrameError, FrameWriter, HEADER_SIZE } from '../../src/wire/framing.js'
import { readValue } from '../../src/wire/values/read-simple.js'
import { Encoded } from '../../src/wire/values/simple.js'
import { anyText } from '../support/arbitraries.js'
import { bytesOf, cut, type Frame, readFrames } from '../support/frames.js'

function frame(op: number, call: number, context: number, payload: string): Frame {
  return { op, call, context, payload: Buffer.from(payload) }
}

function encode(frames: readonly Frame[]): Buffer {
  const out = new FrameWriter()
  for (const { op, call, context, payload } of frames) {
    out.begin(op, call, context)
    out.bytes(payload)
    out.end()
  }
  return bytesOf(out)
}

const frames = [
  frame(5, 1, 2, 'some payload'),
  frame(255, 0xffff_ffff, 0xffff_ffff, ''),
  frame(0, 0, 0, '\0'),
  frame(64, 3, 4, 'x'.repeat(40)),
]
const bytes = encode(frames)

test('frames are read wherever their bytes were cut in two', () => {
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(readFrames(cut(bytes, at)), frames, `cut at ${at}`)
  }
})

test('frames are read wherever their bytes were cut in three', () => {
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 3) {
      assert.deepEqual(readFrames(cut(bytes, first, second)), frames, `${first}, ${second}`)
    }
  }
})

test('frames are read one byte at a time', () => {
  const each = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
  assert.deepEqual(readFrames(each), frames)
})

test('a frame larger than any chunk is put together', () => {
  const large = frame(6, 7, 8, 'abc'.repeat(100_000))
  const all = encode([frame(1, 1, 1, 'a'), large, frame(2, 2, 2, 'b')])
  const chunks: Buffer[] = []
  for (let at = 0; at < all.length; at += 4096) chunks.push(all.subarray(at, at + 4096))
  assert.deepEqual(readFrames(chunks), [frame(1, 1, 1, 'a'), large, frame(2, 2, 2, 'b')])
})

test('a length over the cap is refused as soon as it is known, wherever it was cut', () => {
  const header = Buffer.alloc(HEADER_SIZE)
  for (const length of [9 + 101, 0x7fff_ffff, 0xffff_ffff]) {
    header.writeUInt32BE(length)
    for (let at = 0; at < HEADER_SIZE; at++) {
      assert.throws(() => readFrames(cut(header, at), 100), FrameError)
    }
  }
  header.writeUInt32BE(9 + 100)
  assert.deepEqual(readFrames([header], 100), [])
})

test('a length that does not even cover the header is refused', () => {
  const header = Buffer.alloc(HEADER_SIZE)
  for (const length of [0, 1, 8]) {
    header.writeUInt32BE(length)
    assert.throws(() => readFrames([header]), FrameError)
  }
})

test('frames that come while one is handled are read in order', () => {
  const seen: number[] = []
  const reader = new FrameReader(100, (_, call) => {
    seen.push(call)
    if (call === 1) reader.push(encode([frame(1, 9, 1, '')]))
  })
  reader.push(encode([frame(1, 1, 1, 'a')]))
  reader.push(encode([frame(1, 2, 1, 'b')]))
  assert.deepEqual(seen, [1, 9, 2])
})

test('of a chunk that is used again, payloads are copied', () => {
  const payloads = ['', 'a', 'bc'.repeat(3000), 'd'.repeat(70_000)]
  const bytes = encode(payloads.map((text, i) => frame(1, i, 1, text)))
  const chunk = Buffer.alloc(64 * 1024)
  const seen: Buffer[] = []
  const reader = new FrameReader(CAP, (_op, _call, _context, payload) => seen.push(payload.rest()))
  for (let at = 0; at < bytes.length; at += chunk.length) {
    const size = bytes.copy(chunk, 0, at)
    reader.push(chunk.subarray(0, size), true)
    chunk.fill(0xff)
  }
  assert.deepEqual(
    seen.map((payload) => payload.toString()),
    payloads,
  )
})

const CAP = 16 * 1024 * 1024

function write(out: FrameWriter, call: number, parts: readonly Uint8Array[]): Frame {
  out.begin(1, call, 2)
  for (const part of parts) out.bytes(part)
  out.end()
  return { op: 1, call, context: 2, payload: Buffer.concat(parts) }
}

const filled = (size: number, value: number) => new Uint8Array(size).fill(value)

test('payloads of every size arrive in order, one after the other', () => {
  const out = new FrameWriter()
  const sizes = [0, 1, 100, 32 * 1024, 32 * 1024 + 1, 64 * 1024, 5, 1024 * 1024, 0, 33_000, 7]
  const expected = sizes.map((size, i) => write(out, i, [filled(size, i)]))
  assert.deepEqual(readFrames([bytesOf(out)], CAP), expected)
})

test('a frame may have small and large parts in any order', () => {
  const sizes = fc.constantFrom(0, 1, 50, 20_000, 32 * 1024, 32 * 1024 + 1, 70_000)
  const parts = fc.array(sizes, { maxLength: 6 })
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 5 }), fc.boolean(), (frames, takeBetween) => {
      const out = new FrameWriter()
      const pieces: Buffer[] = []
      const expected = frames.map((frame, call) => {
        const written = write(
          out,
          call,
          frame.map((size, i) => filled(size, call * 16 + i)),
        )
        if (takeBetween) pieces.push(...out.take())
        return written
      })
      pieces.push(...out.take())
      assert.deepEqual(readFrames(pieces, CAP), expected)
    }),
    { numRuns: 60 },
  )
})

test('what was taken does not change when more is written', () => {
  const out = new FrameWriter()
  const first = write(out, 1, [filled(100, 1)])
  const taken = out.take()
  for (let call = 2; call < 2000; call++) write(out, call, [filled(100, 255)])
  assert.deepEqual(readFrames(taken), [first])
})

test('size counts the bytes that wait to be taken', () => {
  const out = new FrameWriter()
  assert.equal(out.size, 0)
  for (const size of [0, 10, 40_000, 100_000, 1]) write(out, 1, [filled(size, 1)])
  const { size } = out
  assert.equal(bytesOf(out).length, size)
  assert.equal(out.size, 0)
  assert.deepEqual(out.take(), [])
})

test('fields are read as they were written, whatever texts hold', () => {
  const text = fc.oneof(
    anyText,
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    fc.constantFrom('', '\ufeffa', '\ud800', 'x'.repeat(1023), '\u20ac'.repeat(1024)),
    fc.constantFrom('x'.repeat(100_000), `${'x'.repeat(100_000)}\ud800`),
  )
  const field = fc.oneof(
    fc.nat(255).map((u8) => ({ u8 })),
    fc.nat(0xffff_ffff).map((u32) => ({ u32 })),
    text.map((text) => ({ text })),
  )
  fc.assert(
    fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
      const out = new FrameWriter()
      out.begin(1, 1, 1)
      for (const field of fields) {
        if ('u8' in field) out.u8(field.u8)
        else if ('u32' in field) out.u32(field.u32)
        else out.text(field.text)
      }
      out.end()
      const [frame] = readFrames([bytesOf(out)], CAP)
      const reader = FieldReader.of(frame?.payload as Buffer)
      for (const field of fields) {
        if ('u8' in field) assert.equal(reader.u8(), field.u8)
        else if ('u32' in field) assert.equal(reader.u32(), field.u32)
        else assert.ok(reader.text() === field.text)
      }
      assert.equal(reader.rest().length, 0)
    }),
    { numRuns: 25 },
  )
})

test('what is read of a payload ends where it does, whatever follows in the same chunk', () => {
  const short = encode([frame(1, 1, 1, 'abc'), frame(2, 2, 2, 'def')])
  for (const copies of [false, true]) {
    const seen: string[] = []
    const reader = new FrameReader(CAP, (_op, call, _context, payload) => {
      assert.throws(() => payload.u32(), FrameError)
      assert.throws(() => payload.bytes(4), FrameError)
      assert.equal(payload.left, 3)
      seen.push(`${call} ${payload.rest()}`)
      assert.throws(() => payload.u8(), FrameError)
    })
    reader.push(short, copies)
    assert.deepEqual(seen, ['1 abc', '2 def'])
  }
})

test('a value that is cut short stays encoded, whatever follows in the same chunk', () => {
  for (const text of ['\xdb\0\0\0\x05abc', '\xc6\0\0\0\x05abc', '\xcb\0\0', '\xcd\x01', '']) {
    const payload = Buffer.from(text, 'latin1')
    const seen: unknown[] = []
    const reader = new FrameReader(CAP, (_op, call, _context, fields) => {
      if (call === 1) seen.push(readValue(fields))
    })
    reader.push(encode([{ op: 1, call: 1, context: 1, payload }, frame(2, 2, 2, 'de')]))
    assert.deepEqual(seen, [new Encoded(payload)], text)
  }
})

test('a payload shorter than its fields is refused', () => {
  const { u8, u32, text } = {
    u8: () => FieldReader.of(Buffer.alloc(0)).u8(),
    u32: () => FieldReader.of(Buffer.alloc(3)).u32(),
    text: () => FieldReader.of(Buffer.from([0, 0, 0, 2, 65])).text(),
  }
  for (const read of [u8, u32, text]) assert.throws(read, FrameError)
  const huge = Buffer.from([0xff, 0xff, 0xff, 0xff, 65])
  assert.throws(() => FieldReader.of(huge).text(), FrameError)
})
