import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Task, Withdrawal } from '../../src/pool/task.js'
import { FrameError } from '../../src/wire/framing.js'
import { type Event, LONGEST_ASIDE, Op, type Reply, type Request } from '../../src/wire/protocol.js'
import { bytes } from '../support/bytes.js'
import { frame, HELLO, TestChannel } from '../support/channel.js'

const evaluate = {
  op: Op.evaluate,
  timeout: 100,
  source: '',
  filename: '',
  discard: false,
} as const
const ok = { op: Op.ok, value: null } as const
const suspended = { op: Op.suspended } as const
const begun = { op: Op.begun } as const
const aside = (on: boolean) => ({ op: Op.aside, timeout: on ? 10 : 0 }) as const

/** A channel that has been greeted, with one request under way: call 1 of context 7. */
function underWay(request: Request = evaluate): TestChannel {
  const peer = new TestChannel()
  peer.send(request, 7)
  peer.flush()
  peer.receive(HELLO)
  return peer
}

function broken(peer: TestChannel, message?: RegExp): void {
  assert.ok(peer.error instanceof FrameError, 'the frame was taken')
  if (message) assert.match(peer.error.message, message)
}

test('nothing comes before the hello, and there is one', () => {
  for (const message of [ok, suspended, aside(true), { op: Op.pressure, on: true, rss: 1 }]) {
    const peer = new TestChannel()
    peer.send(evaluate, 7)
    peer.flush()
    peer.receive(frame(1, 7, message as Reply | Event))
    broken(peer, /a hello first/)
  }
  const peer = underWay()
  peer.receive(HELLO)
  broken(peer, /one hello/)
})

test('a reply belongs to a call under way, of that context, and comes once', () => {
  for (const [call, context] of [
    [2, 7],
    [0, 7],
    [1, 8],
    [1, 0],
    [0xffff_ffff, 7],
  ] as const) {
    const peer = underWay()
    peer.receive(frame(call, context, ok))
    broken(peer, /a call under way/)
  }
  const twice = underWay()
  twice.receive(frame(1, 7, ok))
  assert.equal(twice.error, undefined)
  twice.receive(frame(1, 7, ok))
  broken(twice, /a call under way/)
  // A request that has not left can't be answered.
  const early = underWay()
  early.send(evaluate, 7)
  early.receive(frame(2, 7, ok))
  broken(early, /a call under way/)
})

test('a request is answered by what answers requests of its kind', () => {
  const invalid = { op: Op.invalid, known: false } as const
  const oversize = { op: Op.oversize, size: 1 } as const
  const memory = { op: Op.memory, rss: 1 } as const
  const timeout = { op: Op.timeout, started: false } as const
  const create = { op: Op.create, timeout: 100, sources: [], functions: [] } as const
  const error = { op: Op.error, name: 'E', message: '', stack: '', extra: undefined } as const
  const unserializable = { op: Op.unserializable, path: 'a', why: 'b' } as const
  const allowed: [Request, (Reply | Event)[]][] = [
    [evaluate, [ok, invalid, oversize, memory, timeout, suspended, error, unserializable]],
    [create, [ok, oversize, memory, timeout, error, unserializable]],
    [
      { ...create, op: Op.init, cache: false },
      [ok, oversize, memory, timeout, error, unserializable],
    ],
    [
      { op: Op.reset, timeout: 100 },
      [ok, invalid, oversize, memory, timeout, error, unserializable],
    ],
    [
      { op: Op.wake, timeout: 100 },
      [ok, invalid, oversize, memory, timeout, error, unserializable],
    ],
    [{ op: Op.destroy }, [ok, invalid, timeout]],
    [{ op: Op.inventory }, [ok, timeout]],
  ]
  for (const [request, fit] of allowed) {
    const answers = [ok, invalid, oversize, memory, timeout, suspended, error, unserializable]
    for (const answer of answers) {
      const peer = underWay(request)
      peer.receive(frame(1, 7, answer))
      if (fit.includes(answer)) assert.equal(peer.error, undefined)
      else broken(peer)
    }
  }
})

test('payloads with more or less than their fields, and fields out of range', () => {
  const payload = (op: number, ...rest: readonly string[]): Buffer => {
    const body = bytes(op, '00000001 00000007', ...rest)
    return bytes(Buffer.from([0, 0, 0, body.length]), body)
  }
  const wrong = [
    payload(Op.timeout),
    payload(Op.timeout, '02'),
    payload(Op.timeout, '01 00'),
    payload(Op.invalid, 'ff'),
    payload(Op.suspended, '00'),
    payload(Op.oversize, '7ff8000000000000'),
    payload(Op.oversize, 'bff0000000000000'),
    payload(Op.memory, '7ff0000000000000'),
    payload(Op.memory, '3fe0000000000000'),
    payload(Op.error, '00000000 00000000 000000ff'),
    payload(Op.error, '80000001 61 00000000 00000000'),
    payload(Op.unserializable, '00000000 00000000 00'),
    payload(0),
    payload(63),
    payload(71),
    payload(255),
    ...Object.values(Op)
      .filter((op) => op < 64)
      .map((op) => payload(op)),
  ]
  for (const given of wrong) {
    // What follows in the same chunk makes none of them whole.
    for (const chunk of [given, Buffer.concat([given, frame(1, 7, ok)])]) {
      const peer = underWay()
      peer.receive(chunk)
      broken(peer, /expected .*, got /)
    }
  }
})

test('the value of a reply that nobody waits for is not looked at', () => {
  const peer = new TestChannel()
  const replies: Reply[] = []
  const task = peer.send(evaluate, 7, (reply) => replies.push(reply))
  peer.flush()
  peer.receive(HELLO)
  peer.channel.abandon(task)
  task.fail(new Error('given up'))
  peer.receive(frame(1, 7, { op: Op.ok, value: 'a text' }))
  assert.deepEqual(replies, [{ op: Op.ok, value: undefined }])
  assert.equal(peer.error, undefined)
})

test('events come for no call, and turns aside in pairs', () => {
  const pressure = { op: Op.pressure, on: true, rss: 1 } as const
  const sequences: Buffer[][] = [
    [frame(1, 0, pressure)],
    [frame(0, 7, pressure)],
    [frame(1, 7, { op: Op.evicted, rss: 1 })],
    [frame(1, 7, aside(true))],
    [frame(0, 7, aside(false))],
    [frame(0, 7, aside(true)), frame(0, 8, aside(false))],
    [frame(0, 7, aside(true)), frame(0, 8, aside(true))],
    [frame(1, 7, suspended), frame(1, 7, suspended)],
  ]
  for (const sequence of sequences) {
    const peer = underWay()
    const last = sequence.pop() as Buffer
    peer.receive(...sequence)
    assert.equal(peer.error, undefined)
    peer.receive(last)
    broken(peer)
  }
})

test('events without end are more than a process may send', () => {
  const flap = (...messages: [number, number, Reply | Event][]) =>
    Buffer.concat(messages.map(([call, context, message]) => frame(call, context, message)))
  const floods = [
    flap(
      [0, 0, { op: Op.pressure, on: true, rss: 1 }],
      [0, 0, { op: Op.pressure, on: false, rss: 1 }],
    ),
    flap([0, 7, aside(true)], [0, 7, aside(false)]),
    flap([0, 4_000_000, { op: Op.evicted, rss: 1 }]),
    flap([1, 7, begun]),
  ]
  for (const unit of floods) {
    const peer = underWay()
    if (unit[4] !== Op.begun) peer.receive(frame(1, 7, suspended))
    const chunk = Buffer.alloc(unit.length * 1000, unit)
    let chunks = 0
    for (; !peer.error && chunks < 1000; chunks++) {
      peer.time += 0.5
      peer.receive(chunk)
    }
    broken(peer, /events in a millisecond/)
    assert.ok(chunks > 50)
  }
})

test('as many events as an honest process may send are taken for as long as it likes', () => {
  const peer = underWay()
  peer.receive(frame(1, 7, suspended))
  const unit = Buffer.concat([frame(0, 7, aside(true)), frame(0, 7, aside(false))])
  // What has piled up while the service was busy, and then as fast as it comes.
  peer.receive(Buffer.alloc(unit.length * 40_000, unit))
  for (let i = 0; i < 300; i++) {
    peer.time += 10
    peer.receive(Buffer.alloc(unit.length * 500, unit))
  }
  assert.equal(peer.error, undefined)
})

/** How long the oldest task's time stands still while its process sends the same over and over. */
function heldUp(peer: TestChannel, task: Task, ...frames: readonly Buffer[]): number {
  for (let i = 0; i < 10_000; i++) {
    peer.time += 10
    peer.receive(...frames)
  }
  assert.equal(peer.error, undefined)
  return peer.channel.startOf(task) - task.sentAt
}

test('turns that nobody asked for put a call off no longer than honest ones could', () => {
  const parting = underWay()
  const waits = parting.channel.oldest() as Task
  const held = heldUp(parting, waits, frame(0, 9, aside(true)), frame(0, 9, aside(false)))
  assert.ok(held <= LONGEST_ASIDE + 1000, `${held}`)
  // Nor when such a turn is always under way.
  parting.receive(frame(0, 9, aside(true)))
  assert.ok(parting.channel.startOf(waits) - waits.sentAt <= LONGEST_ASIDE + 1000)
})

test('answers out of turn are no progress of the oldest call', () => {
  const peer = underWay()
  const oldest = peer.channel.oldest() as Task
  for (let call = 2; call < 100; call++) peer.send(evaluate, 8)
  peer.flush()
  for (let call = 2; call < 100; call++) {
    peer.time += 90
    peer.receive(frame(call, 8, { op: Op.timeout, started: false }))
  }
  assert.equal(peer.channel.startOf(oldest), 0)
})

test('a withdrawal has been read when what was sent before it is answered', () => {
  const peer = underWay()
  const task = peer.channel.oldest() as Task
  peer.receive(frame(1, 7, suspended))
  peer.send(evaluate, 8)
  peer.flush()
  peer.channel.abandon(task)
  assert.equal(peer.channel.owes(task.withdrawal as Withdrawal), false)
  peer.send(evaluate, 9)
  peer.flush()
  peer.receive(frame(2, 8, ok))
  assert.equal(peer.channel.owes(task.withdrawal as Withdrawal), true)
})

test('a call begins when those before it are answered', () => {
  const peer = underWay()
  peer.send(evaluate, 8)
  peer.flush()
  peer.receive(frame(1, 7, begun), frame(1, 7, ok), frame(2, 8, begun))
  assert.equal(peer.channel.begun, peer.channel.oldest())
  const early = underWay()
  early.send(evaluate, 8)
  early.flush()
  early.receive(frame(2, 8, begun))
  broken(early, /beginning of the oldest/)
})
