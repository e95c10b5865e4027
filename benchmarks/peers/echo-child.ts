import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { Packr } from 'msgpackr'
import { FrameBatch, frameReader } from '../support/frames.js'

/** The process of the echo: adds what comes on descriptor 3, and writes once for each read. */

const OK = 64

const packr = new Packr({ useRecords: false })
const buffer = Buffer.allocUnsafeSlow(64 * 1024)
const read = frameReader((_op, call, context, payload) => {
  const [a, b] = packr.unpack(payload) as [number, number]
  batch.add(OK, call, context, packr.pack(a + b))
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
