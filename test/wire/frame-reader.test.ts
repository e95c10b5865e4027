import assert from 'node:assert/strict'
import test from 'node:test'
import { FrameError, FrameReader, FrameWriter, HEADER_SIZE } from '../../src/wire/framing.js'
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
