/** Bytes from pieces: hexadecimal text (spaces don't count), numbers, and bytes. */
export function bytes(...pieces: readonly (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (typeof piece === 'number') return Buffer.from([piece])
      return typeof piece === 'string' ? Buffer.from(piece.replaceAll(' ', ''), 'hex') : piece
    }),
  )
}

/** A short string of MessagePack. */
export function str(text: string): Buffer {
  return bytes(0xa0 + Buffer.byteLength(text), Buffer.from(text))
}

/** A long string, or with 0xc6, bytes. */
export function long(token: number, content: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(content.length)
  return bytes(token, size, content)
}

/** What `format.ts` calls a tagged value; `data` is hexadecimal or bytes. */
export function tagged(tag: number, ...data: readonly (string | Uint8Array)[]): Buffer {
  return bytes('d40100 92', tag, ...data)
}
