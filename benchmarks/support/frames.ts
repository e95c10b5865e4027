/**
 * The least code that frames messages: the yardstick of the echo. It shares nothing with the
 * service's own framing, so that a change there can't move what it is measured against.
 */

/** u32 length of what follows, u8 opcode, u32 call number, u32 context number. */
const HEADER = 13
const CHUNK = 64 * 1024

export type OnFrame = (op: number, call: number, context: number, payload: Buffer) => void

/** Returns a function that takes chunks as they come and hands out whole frames. */
export function frameReader(onFrame: OnFrame): (chunk: Buffer) => void {
  // What is cut by a chunk's end: first only the header, then, with its length known, the frame.
  let cut: Buffer | undefined
  let filled = 0

  const hand = (bytes: Buffer, at: number, end: number): void =>
    onFrame(
      bytes[at + 4] ?? 0,
      bytes.readUInt32BE(at + 5),
      bytes.readUInt32BE(at + 9),
      bytes.subarray(at + HEADER, end),
    )

  /** Goes on with what was cut. Returns how much of the chunk that took. */
  const complete = (chunk: Buffer): number => {
    let at = 0
    while (cut) {
      const copied = chunk.copy(cut, filled, at)
      at += copied
      filled += copied
      if (filled < cut.length) break
      const end = sizeAt(cut, 0)
      if (filled < end) {
        const header = cut
        cut = Buffer.allocUnsafeSlow(end)
        header.copy(cut)
      } else {
        const frame = cut
        cut = undefined
        hand(frame, 0, end)
      }
    }
    return at
  }

  return (chunk) => {
    let at = cut ? complete(chunk) : 0
    while (at < chunk.length) {
      const known = chunk.length - at >= HEADER
      const size = known ? sizeAt(chunk, at) : HEADER
      if (!known || at + size > chunk.length) {
        cut = Buffer.allocUnsafeSlow(size)
        filled = chunk.copy(cut, 0, at)
        return
      }
      hand(chunk, at, at + size)
      at += size
    }
  }
}

function sizeAt(bytes: Buffer, at: number): number {
  return 4 + bytes.readUInt32BE(at)
}

/** Gathers small frames in one buffer, to be sent in one write. */
export class FrameBatch {
  #chunk = Buffer.allocUnsafeSlow(CHUNK)
  #start = 0
  #at = 0
  readonly #write: (bytes: Uint8Array) => void

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  add(op: number, call: number, context: number, payload: Uint8Array): void {
    const large = HEADER + payload.length > CHUNK
    const size = large ? HEADER : HEADER + payload.length
    if (this.#at + size > CHUNK) {
      this.send()
      this.#chunk = Buffer.allocUnsafeSlow(CHUNK)
      this.#start = this.#at = 0
    }
    const chunk = this.#chunk
    const at = this.#at
    chunk.writeUInt32BE(HEADER - 4 + payload.length, at)
    chunk[at + 4] = op
    chunk.writeUInt32BE(call, at + 5)
    chunk.writeUInt32BE(context, at + 9)
    if (!large) chunk.set(payload, at + HEADER)
    this.#at = at + size
    if (!large) return
    this.send()
    // Written from where it lies, without a copy.
    this.#write(payload)
  }

  send(): void {
    if (this.#at === this.#start) return
    const bytes = this.#chunk.subarray(this.#start, this.#at)
    // A write may still hold these bytes: what follows goes behind them.
    this.#start = this.#at
    this.#write(bytes)
  }
}
