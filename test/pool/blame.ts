import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blame } from '../../src/pool/blame.js'
import { HELD_TURNS, Op, type Request } from '../../src/wire/protocol.js'
import { frame, HELLO, TestChannel } from '../support/channel.js'

const call: Request = {
  op: Op.call,
  timeout: 100,
  path: 'f',
  args: new Uint8Array([0x90]),
  apart: false,
}
const evaluate: Request = {
  op: Op.evaluate,
  timeout: 100,
  source: '1',
  filename: 'f',
  discard: false,
}

/** A channel with such requests under way, one for each context given. */
function underWay(...requests: readonly (readonly [Request, number])[]): TestChannel {
  const peer = new TestChannel()
  peer.receive(HELLO)
  for (const [request, context] of requests) peer.send(request, context)
  peer.flush()
  return peer
}

function suspectsOf(peer: TestChannel): readonly number[] {
  const { head, suspects } = blame(peer.channel)
  assert.equal(head, undefined)
  return suspects
}

function culpritOf(peer: TestChannel): number | undefined {
  const { head, suspects } = blame(peer.channel)
  assert.deepEqual(suspects, [])
  return head?.context
}

test('an idle process ends by nobody`s fault', () => {
  assert.equal(culpritOf(underWay()), undefined)
})

test('it is one of those whose replies may be held', () => {
  assert.deepEqual(suspectsOf(underWay([call, 1], [call, 2], [call, 1], [call, 3])), [1, 2, 3])
  const many = Array.from({ length: 100 }, (_, i) => [call, i + 1] as const)
  assert.equal(suspectsOf(underWay(...many)).length, HELD_TURNS + 1)
})

test('a process says when it begins a call and holds no replies', () => {
  const peer = underWay([call, 1], [call, 2], [call, 3])
  peer.receive(frame(1, 1, { op: Op.begun }))
  assert.equal(culpritOf(peer), 1)
  peer.receive(frame(1, 1, { op: Op.suspended }))
  assert.deepEqual(suspectsOf(peer), [2, 3])
  peer.receive(frame(2, 2, { op: Op.begun }))
  assert.equal(culpritOf(peer), 2)
})

test('only replies of calls are held', () => {
  assert.equal(culpritOf(underWay([evaluate, 1], [call, 2])), 1)
  // The call may be over, but not what came after it.
  assert.equal(culpritOf(underWay([call, 1], [call, 1], [evaluate, 2])), 1)
})

test('a turn that nobody asked for is known', () => {
  const peer = underWay([call, 1], [call, 2])
  peer.receive(frame(0, 9, { op: Op.aside, timeout: 10 }))
  assert.equal(culpritOf(peer), 9)
})
