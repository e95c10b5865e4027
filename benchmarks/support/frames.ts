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
  let rest: Buffer | undefined
  return (chunk) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= HEADER) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      const payload = bytes.subarray(at + HEADER, end)
      onFrame(bytes[at + 4] ?? 0, bytes.readUInt32BE(at + 5), bytes.readUInt32BE(at + 9), payload)
      at = end
    }
    // Copied: the chunk's memory is the reader's to use again.
    rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined
  }
}

/** Gathers small frames in one buffer, to be sent in one write. */
export class FrameBatch {
  #chunk = Buffer.allocUnsafeSlow(CHUNK)
  #start = 0
  #at = 0
  readonly #write: (bytes: Buffer) => void

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write
  }

  add(op: number, call: number, context: number, payload: Uint8Array): void {
    if (this.#at + HEADER + payload.length > CHUNK) {
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
    chunk.set(payload, at + HEADER)
    this.#at = at + HEADER + payload.length
  }

  send(): void {
    if (this.#at === this.#start) return
    const bytes = this.#chunk.subarray(this.#start, this.#at)
    // A write may still hold these bytes: what follows goes behind them.
    this.#start = this.#at
    this.#write(bytes)
  }
}
