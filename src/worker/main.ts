import { closeSync } from 'node:fs'
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { FrameReader } from '../wire/framing.js'
import { CHANNEL_FD, Op, PROTOCOL_VERSION, readRequest } from '../wire/protocol.js'
import { createValueCodec } from '../wire/values/codec.js'
import { loadMsgpack } from '../wire/values/msgpack.js'
import type { WorkerOptions } from '../wire/worker-options.js'
import { Contexts } from './contexts.js'
import { Dispatcher } from './dispatcher.js'
import { Entries } from './entries.js'
import { freezeIntrinsics } from './harden.js'
import { Outbox } from './outbox.js'
import { Compiler } from './realm/compiler.js'
import { RealmPrograms } from './realm/realm.js'
import { ignoreRejections } from './rejections.js'
import { Watchdog } from './watchdog.js'

/** The program in the OS process. Its options come as JSON in the first argument. */

const READ_SIZE = 64 * 1024

const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions

for (const descriptor of options.inherited) {
  try {
    closeSync(descriptor)
  } catch {
    // It closed by itself.
  }
}
ignoreRejections()
// A terminal's Ctrl-C reaches the whole process group. Whether to stop is the service's decision.
process.on('SIGINT', () => {})

// First of all: its thread takes as long to start as everything below.
const watchdog = new Watchdog(options.memoryLimit, (message) => {
  switch (message.kind) {
    case 'ready':
      outbox.reply(0, 0, { op: Op.hello, version: PROTOCOL_VERSION, pid: process.pid })
      return outbox.flush()
    case 'deadline':
      return dispatcher.ended()
    case 'memory':
      return dispatcher.ended(message.rss)
    case 'evict':
      return dispatcher.evict(message.context, message.rss)
    case 'pressure':
      outbox.reply(0, 0, { op: Op.pressure, on: message.on, rss: message.rss })
      return outbox.flush()
  }
})

const codec = createValueCodec(
  {
    ...options,
    functions: 'drop',
    stackOf: undefined,
    problem: ({ path, why }) => new TypeError(`${path}: ${why}`),
  },
  loadMsgpack(options.msgpack),
)

const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE)
// The typings know `onread` for connections only; Node takes it for descriptors just as well.
const channelOptions: SocketConstructorOpts & { onread: OnReadOpts } = {
  fd: CHANNEL_FD,
  onread: {
    buffer: readBuffer,
    callback(size) {
      // The buffer is read into again while requests made from it still wait.
      reader.push(Buffer.from(readBuffer.subarray(0, size)))
      dispatcher.run()
      return true
    },
  },
}
const channel = new Socket(channelOptions)
// The supervisor is gone, or wants this process gone: nothing here is worth finishing.
// `process.exit` would wait for the watchdog's inspector session.
const leave = (): void => void process.kill(process.pid, 'SIGKILL')
channel.on('end', leave)
channel.on('error', leave)

// Turns begin in callbacks of the socket, of this port or of the watchdog's: those unwind
// cleanly when a turn is cut short. Timers and immediates don't.
const { port1: bell, port2: rope } = new MessageChannel()
bell.on('message', () => dispatcher.run())
bell.unref()
// Rung from an immediate: a message posted from within the port's callback would be served in the
// same round of the event loop, before the socket is read.
let ringing = false
const ring = (): void => {
  if (ringing) return
  ringing = true
  setImmediate(() => {
    ringing = false
    rope.postMessage(undefined)
  })
}

const compiler = new Compiler()
const outbox = new Outbox({
  codec,
  maxResult: options.maxResult,
  write(pieces) {
    for (const piece of pieces) channel.write(piece)
  },
  unread: () => channel.writableLength,
})
channel.on('drain', ring)
const contexts = new Contexts(compiler, new RealmPrograms(compiler, options))
const dispatcher = new Dispatcher({
  contexts,
  entries: new Entries({ contexts, compiler, codec }),
  guard: watchdog,
  outbox,
  yield: ring,
})
const reader = new FrameReader(options.maxPayload, (op, call, context, payload) => {
  dispatcher.push(call, context, readRequest(op, payload))
})

freezeIntrinsics()
