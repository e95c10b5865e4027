import { callsPerSecond, paceOf } from './support/load.js'
import { BASELINE, type Contestant, callAndCheck, withPeers } from './support/peer.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const IN_FLIGHT = [64, 256]

export const question: Question = {
  title: 'Throughput: how many calls does one process answer when they overlap?',
  method:
    'add(a, b), a fixed number of calls in flight: each that is answered is followed by the next.\n' +
    'Shown are the medians of the rounds, and of their ratios. More is better.',
  baseline: BASELINE,
  async ask({ quick, peers, baseline }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    return await withPeers(peers, async (running) => {
      const rows: Row[] = []
      for (const inFlight of IN_FLIGHT) {
        const measure = (peer: Contestant, ms: number): Promise<number> =>
          callsPerSecond(inFlight, ms, (count) => callAndCheck(peer, count, 7))
        for (const peer of running) await measure(peer, warmUp)
        const series = await interleave(running, rounds, (peer) => measure(peer, duration))
        rows.push(...rowsOf(series, baseline, `${inFlight} in flight`, 'calls/s', (rate) => rate))
      }
      return rows
    })
  },
}
