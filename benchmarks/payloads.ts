import { deepStrictEqual } from 'node:assert/strict'
import { callsPerSecond, paceOf } from './support/load.js'
import { BASELINE, type Contestant, withPeers } from './support/peer.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const IN_FLIGHT = 8
const OBJECTS = 50
const DIFFERENT = 'a payload came back as another'

const PAYLOADS: Readonly<Record<string, unknown>> = {
  '1 KiB': bytes(1024),
  '64 KiB': bytes(64 * 1024),
  '1 MiB': bytes(1024 * 1024),
  [`${OBJECTS} objects`]: Array.from({ length: OBJECTS }, (_, i) => ({
    id: i,
    name: `customer ${i}`,
    email: `customer.${i}@example.com`,
    active: i % 3 !== 0,
    balance: i * 17.25,
    tags: ['new', 'paying', `group-${i % 7}`],
    address: { street: `${i} Long Street`, city: 'Springfield', zip: String(10_000 + i) },
    manager: null,
  })),
}

export const question: Question = {
  title: 'Payloads: how fast do large values go there and back?',
  method:
    `Binary data of three sizes, and an array of ${OBJECTS} objects such as JSON has, given back by a\n` +
    `function that does nothing else; ${IN_FLIGHT} calls in flight. The echo decodes and encodes with the\n` +
    'same codec (msgpackr). More is better.',
  baseline: BASELINE,
  async ask({ quick, peers, baseline }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    const inFlight = quick ? 1 : IN_FLIGHT
    const able = peers.filter(({ mirrors }) => mirrors)
    return await withPeers(able, async (running) => {
      const rows: Row[] = []
      for (const [name, payload] of Object.entries(PAYLOADS)) {
        const measure = (peer: Contestant, ms: number): Promise<number> =>
          callsPerSecond(inFlight, ms, async () => glance(payload, await peer.mirror?.(payload)))
        for (const peer of running) {
          mustEqual(payload, await peer.mirror?.(payload))
          await measure(peer, warmUp)
        }
        const series = await interleave(running, rounds, (peer) => measure(peer, duration))
        rows.push(...rowsOf(series, baseline, name, 'calls/s', (rate) => rate))
      }
      return rows
    })
  },
}

function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31) & 255)
}

function mustEqual(payload: unknown, answer: unknown): void {
  // A `Buffer` is as good as the `Uint8Array` that was sent.
  if (!(payload instanceof Uint8Array)) deepStrictEqual(answer, payload)
  else if (Buffer.compare(payload, answer as Uint8Array) !== 0) throw new Error(DIFFERENT)
}

/** Throws when the answer is clearly another; a close look would take longer than the call. */
function glance(payload: unknown, answer: unknown): void {
  const sent = payload as ArrayLike<unknown>
  const got = answer as ArrayLike<unknown>
  const last = sent.length - 1
  const same = got?.length === sent.length && typeof got[last] === typeof sent[last]
  if (!same || (typeof got[last] === 'number' && got[last] !== sent[last])) {
    throw new Error(DIFFERENT)
  }
}
