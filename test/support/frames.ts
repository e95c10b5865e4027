import { FrameReader } from '../../src/wire/frame-reader.js'
import type { FrameWriter } from '../../src/wire/framing.js'

export interface Frame {
  readonly op: number
  readonly call: number
  readonly context: number
  readonly payload: Buffer
}

/** Everything a writer holds, as one piece of memory. */
export function bytesOf(out: FrameWriter): Buffer {
  return Buffer.concat(out.take())
}

/** Reads frames from bytes that come in the given pieces. */
export function readFrames(chunks: readonly Buffer[], maxPayload = 1024 * 1024): Frame[] {
  const frames: Frame[] = []
  const reader = new FrameReader(maxPayload, (op, call, context, payload) => {
    frames.push({ op, call, context, payload: Buffer.from(payload.rest()) })
  })
  for (const chunk of chunks) reader.push(chunk)
  return frames
}

/** Cuts bytes at the given positions. */
export function cut(bytes: Buffer, ...at: readonly number[]): Buffer[] {
  const edges = [0, ...[...at].sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end))
}
