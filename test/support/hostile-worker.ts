import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { FrameReader } from '../../src/wire/frame-reader.js'
import { type Event, Op, type Reply } from '../../src/wire/protocol.js'
import { readRequest } from '../../src/wire/requests.js'
import { Encoded } from '../../src/wire/values/simple.js'
import { bytes } from './bytes.js'
import { frame, HELLO } from './channel.js'

/**
 * A worker that somebody else owns: the module is imported before the worker's program, and does
 * not let it begin. `?start=` says what it does at first; later, the sources it is to evaluate do.
 * See `hostile.ts` for the other side.
 */

const socket = new Socket({ fd: 3 })
const asking = new Socket({ fd: 5 })
for (const one of [socket, asking]) one.on('error', () => {})
// Nothing but a signal ends it, and not every one.
setInterval(() => {}, 60_000)
process.on('SIGTERM', () => {})

const send = (...chunks: readonly Uint8Array[]): void => {
  for (const chunk of chunks) socket.write(chunk)
}
const ok = (value: Uint8Array) => ({ op: Op.ok, value: new Encoded(value) }) as const
const UNDEFINED = bytes('d40000')
const suspended = { op: Op.suspended } as const
const pressure = (on: boolean) => frame(0, 0, { op: Op.pressure, on, rss: 1 })
const aside = (on: boolean, context = 9) =>
  frame(0, context, { op: Op.aside, timeout: on ? 10 : 0 })

const question = (call: number, context: number, fn: number) =>
  frame(call, context, { op: Op.ask, used: 0, fn, args: bytes('90') })
const hostCall = (call: number, context: number, fn: number, id = 1) =>
  frame(call, context, { op: Op.hostCall, id, fn, args: bytes('90') })

/** Writes the same for ever, as fast as it is read. */
function flood(chunk: Buffer): void {
  const many = Buffer.alloc(chunk.length * Math.ceil(65_536 / chunk.length), chunk)
  const go = (): void => {
    while (socket.write(many)) {}
    socket.once('drain', go)
  }
  go()
}

function trickle(chunk: Buffer): void {
  let at = 0
  setInterval(() => at < chunk.length && socket.write(chunk.subarray(at, ++at)), 50)
}

function print(fd: number): void {
  const text = Buffer.alloc(65_536, 'All work and no play makes Jack a dull boy.\n')
  const go = (): void => {
    for (let i = 0; i < 16; i++) writeSync(fd, text)
    setImmediate(go)
  }
  go()
}

/** One that holds every descriptor open, and reports its number. */
function multiply(): number {
  const stdio = ['ignore', 1, 2, 3, 4] as const
  const child = spawn('/bin/sleep', ['60'], {
    stdio: [...stdio],
    detached: true,
  })
  child.unref()
  return child.pid ?? 0
}

const starts: Record<string, () => void> = {
  'leaves a child behind': () => {
    process.stderr.write(`child ${multiply()}`, () => process.exit(3))
  },
  honest: serve,
}

const waiting: [number, number][] = []
type Behaviour = (call: number, context: number) => void
const reply =
  (message: Reply | Event): Behaviour =>
  (call, context) =>
    send(frame(call, context, message))

const behaviours: Record<string, Behaviour> = {
  ok: reply(ok(bytes('01'))),
  wait: (call, context) => {
    waiting.push([call, context])
    send(frame(call, context, suspended))
  },
  release: (call, context) => {
    for (const [waits, of] of waiting.splice(0)) send(frame(waits, of, ok(bytes('02'))))
    send(frame(call, context, ok(bytes('01'))))
  },
  silence() {},
  garbage: () => send(Buffer.alloc(100, 0xaa)),
  'a call never issued': (call, context) => send(frame(call + 1000, context, ok(UNDEFINED))),
  'a call answered before': (call, context) => send(frame(call - 1, context, ok(UNDEFINED))),
  'two replies': (call, context) => {
    const one = frame(call, context, ok(bytes('01')))
    send(Buffer.concat([one, one]))
  },
  'another context': (call, context) => send(frame(call, context + 1, ok(UNDEFINED))),
  'an unknown opcode': (call, context) => {
    const wrong = frame(call, context, suspended)
    wrong[4] = 99
    send(wrong)
  },
  'a request for a reply': (call, context) => {
    const wrong = frame(call, context, suspended)
    wrong[4] = Op.destroy
    send(wrong)
  },
  'bytes after the fields': (call, context) => {
    const wrong = bytes(frame(call, context, suspended), 0)
    wrong.writeUInt32BE(10)
    send(wrong)
  },
  'a size that is none': reply({ op: Op.oversize, size: Number.NaN }),
  'a negative size': reply({ op: Op.memory, rss: -1 }),
  'a second wait': (call, context) => {
    send(frame(call, context, suspended))
    send(frame(call, context, suspended))
  },
  'an event of a call': (call, context) => send(frame(call, context, { op: Op.evicted, rss: 1 })),
  'the end of no turn aside': () => send(aside(false)),
  'half a frame, and an exit': (call, context) => {
    const whole = frame(call, context, ok(UNDEFINED))
    socket.write(whole.subarray(0, 10), () => process.exit(3))
  },
  'a host call of no function': (call, context) => send(hostCall(call, context, 9)),
  'a host call of a call never issued': (call, context) => send(hostCall(call + 1000, context, 0)),
  "a host call of another context's call": (call, context) => send(hostCall(call, context + 1, 0)),
  'a host call without waiting of one that waits': (call, context) =>
    send(hostCall(call, context, 1)),
  'more host calls than it may': (call, context) => {
    for (let id = 0; id < 202; id++) send(hostCall(call, context, 0, id))
  },
  'two questions at a time': (call, context) => {
    asking.write(Buffer.concat([question(call, context, 1), question(call, context, 1)]))
  },
  'a question to a function that does not wait': (call, context) => {
    asking.write(question(call, context, 0))
  },
  'a question that is a reply': (call, context) => {
    asking.write(frame(call, context, ok(UNDEFINED)))
  },
  'a question that is garbage': () => void asking.write(Buffer.alloc(100, 0xaa)),
  'arguments that are no list': (call, context) => {
    const args = bytes('01')
    send(
      frame(call, context, { op: Op.hostCall, id: 1, fn: 2, args }),
      frame(call, context, ok(bytes('01'))),
    )
  },
  'a flood of host calls': (call, context) => flood(hostCall(call, context, 2)),
  'a flood of timers': (_call, context) => flood(frame(0, context, { op: Op.timer, delay: 0 })),
  'a flood of lines': (_call, context) =>
    flood(
      frame(0, context, {
        op: Op.console,
        lines: [{ level: 1, text: bytes(Buffer.from('line')) }],
      }),
    ),
  exit: () => process.exit(3),
  'reads no more': () => void socket.pause(),
  'one byte at a time': (call, context) =>
    trickle(frame(call, context, ok(bytes('d9 40', Buffer.alloc(64, 'x'))))),
  'closes its socket': () => void socket.destroy(),
  'a flood of replies': (call, context) => flood(frame(call, context, ok(UNDEFINED))),
  'a flood of pressure': () => flood(Buffer.concat([pressure(true), pressure(false)])),
  'a flood of turns aside': () => flood(Buffer.concat([aside(true), aside(false)])),
  'a flood of evictions': () => flood(frame(0, 12345, { op: Op.evicted, rss: 1 })),
  'a flood of suspensions': (call, context) => {
    flood(frame(call, context, suspended))
  },
  'turns aside for ever': () => {
    setInterval(() => send(aside(true), aside(false), aside(true), aside(false)), 5)
  },
  'prints for ever': (call, context) => {
    send(frame(call, context, ok(bytes('01'))))
    print(1)
  },
  'complains for ever': () => print(2),
  'leaves a child behind': (call, context) => {
    const pid = Buffer.alloc(4)
    pid.writeUInt32BE(multiply())
    socket.write(frame(call, context, ok(bytes('ce', pid))), () => process.exit(3))
  },
}

/** As an honest worker would, but for what the sources say. */
function serve(): void {
  const reader = new FrameReader(64 * 1024 * 1024, (op, call, context, payload) => {
    const request = readRequest(op, payload)
    if (request.op === Op.abandon) return
    if (request.op !== Op.evaluate) return send(frame(call, context, ok(UNDEFINED)))
    const [name, value] = request.source.split(': ')
    if (name === 'value') return send(frame(call, context, ok(bytes(value ?? ''))))
    const behaviour = behaviours[request.source]
    if (!behaviour) throw new Error(`no behaviour ${request.source}`)
    behaviour(call, context)
  })
  socket.on('data', (chunk) => reader.push(chunk))
  send(HELLO)
}

starts[new URL(import.meta.url).searchParams.get('start') ?? '']?.()
await new Promise(() => {})
