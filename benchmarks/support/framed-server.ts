import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { Packr } from 'msgpackr'
import { FrameBatch, frameReader } from './frames.js'

const REPLY = 64

/** The side of the process: answers what comes on descriptor 3, and writes once for each read. */
export function serve(answer: (op: number, context: number, value: unknown) => unknown): void {
  const packr = new Packr({ useRecords: false })
  const buffer = Buffer.allocUnsafeSlow(64 * 1024)
  const read = frameReader((op, call, context, payload) => {
    batch.add(REPLY, call, context, packr.pack(answer(op, context, packr.unpack(payload))))
  })
  // The typings know `onread` for connections only; Node takes it for descriptors just as well.
  const options: SocketConstructorOpts & { onread: OnReadOpts } = {
    fd: 3,
    onread: {
      buffer,
      callback(size) {
        read(buffer.subarray(0, size))
        batch.send()
        return true
      },
    },
  }
  const socket = new Socket(options)
  const batch = new FrameBatch((bytes) => socket.write(bytes))
  socket.on('end', () => process.exit(0))
  socket.on('error', () => process.exit(0))
}
