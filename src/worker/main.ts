import { closeSync } from 'node:fs'
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { FrameReader } from '../wire/frame-reader.js'
import { CHANNEL_FD, Op, PROTOCOL_VERSION } from '../wire/protocol.js'
import { readRequest } from '../wire/requests.js'
import type { WorkerOptions } from '../wire/worker-options.js'
import { Contexts } from './contexts.js'
import { Crossing } from './crossing.js'
import { Dispatcher } from './dispatcher.js'
import { Entries } from './entries.js'
import { freezeIntrinsics } from './harden.js'
import { HeldReplies } from './held-replies.js'
import { HostLine } from './host-line.js'
import { Mailroom } from './mailroom.js'
import { tuneOptimizer } from './optimizer.js'
import { Outbox } from './outbox.js'
import { dropPermissions } from './permissions.js'
import { Compiler } from './realm/compiler.js'
import { RealmPrograms } from './realm/realm-programs.js'
import { ignoreRejections } from './rejections.js'
import { Suspensions } from './suspensions.js'
import { Watchdog } from './watchdog.js'

/** The program in the OS process. Its options come as JSON in the first argument. */

const READ_SIZE = 64 * 1024
/** Without requests for so long, in milliseconds, there is time to make contexts in advance. */
const REST = 2

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

const held = new HeldReplies()
// First of all: its thread takes as long to start as everything below.
const watchdog = new Watchdog(options.memoryLimit, held, (message) => {
  switch (message.kind) {
    case 'ready':
      // All is loaded and connected, on both threads: that was the last that any of them was for.
      dropPermissions()
      tuneOptimizer()
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
      return dispatcher.press(message.on)
  }
})

const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE)
// The typings know `onread` for connections only; Node takes it for descriptors just as well.
const channelOptions: SocketConstructorOpts & { onread: OnReadOpts } = {
  fd: CHANNEL_FD,
  onread: {
    buffer: readBuffer,
    callback(size) {
      readAt = performance.now()
      // The buffer is read into again while requests made from it still wait.
      reader.push(readBuffer.subarray(0, size), true)
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
bell.on('message', (isRest: boolean) => (isRest ? dispatcher.prepare() : dispatcher.run()))
bell.unref()
// Rung from an immediate: a message posted from within the port's callback would be served in the
// same round of the event loop, before the socket is read.
let ringing = false
const ring = (): void => {
  if (ringing) return
  ringing = true
  setImmediate(() => {
    ringing = false
    rope.postMessage(false)
  })
}
let resting = false
let readAt = 0
const rest = (): void => {
  if (resting) return
  resting = true
  setTimeout(() => {
    resting = false
    if (performance.now() - readAt < REST) rest()
    else rope.postMessage(true)
  }, REST).unref()
}

const NOTHING = Buffer.alloc(0)
let draining = false
function write(bytes: Buffer): void {
  channel.write(bytes)
  if (!draining) drain()
}
/** Rings once nothing is left to write. */
function drain(): void {
  draining = channel.writableLength > 0
  // Written when all before it is. (`drain` only comes when there was more than a certain amount.)
  if (draining) channel.write(NOTHING, drained)
}
function drained(): void {
  drain()
  // Otherwise more has been written meanwhile.
  if (!draining) ring()
}

const compiler = new Compiler()
const outbox = new Outbox({
  maxResult: options.maxResult,
  held,
  write,
  unread: () => channel.writableLength,
})
const programs = new RealmPrograms(compiler, options)
const contexts = new Contexts(compiler, programs)
const suspensions = new Suspensions()
const dispatcher = new Dispatcher({
  contexts,
  suspensions,
  mailroom: new Mailroom({ outbox, suspensions, maxSize: options.maxResult }),
  entries: new Entries({ contexts, compiler, paths: programs.paths }),
  guard: watchdog,
  outbox,
  yield: ring,
  rest,
})
const crossing = new Crossing({
  line: new HostLine(options.maxPayload),
  guard: watchdog,
  outbox,
  turn: () => dispatcher.turn,
  maxSize: options.maxResult,
  maxBytes: options.memoryLimit,
  countsTime: options.host.countsTime,
})
programs.hooks.answerWith(crossing.answer)
const reader = new FrameReader(options.maxPayload, (op, call, context, payload) => {
  dispatcher.push(call, context, readRequest(op, payload))
})

freezeIntrinsics()
