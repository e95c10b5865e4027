import { BASELINE, callAndCheck, type RunningPeer, withPeers } from './support/peer.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const IN_FLIGHT = [64, 256]

/** In ms; quick runs need it as much, or they measure code that is not compiled yet. */
const WARM_UP = 500

export const question: Question = {
  title: 'Throughput: how many calls does one process answer when they overlap?',
  method:
    'add(a, b), a fixed number of calls in flight: each that is answered is followed by the next.\n' +
    'Shown are the medians of the rounds, and of their ratios. More is better.',
  baseline: BASELINE,
  async ask({ quick, peers, baseline }) {
    const rounds = quick ? 5 : 9
    const duration = quick ? 100 : 500
    return await withPeers(peers, async (running) => {
      const rows: Row[] = []
      for (const inFlight of IN_FLIGHT) {
        for (const peer of running) await callsPerSecond(peer, inFlight, WARM_UP)
        const series = await interleave(running, rounds, (peer) =>
          callsPerSecond(peer, inFlight, duration),
        )
        rows.push(...rowsOf(series, baseline, `${inFlight} in flight`, 'calls/s', (rate) => rate))
      }
      return rows
    })
  },
}

/** Keeps calls in flight for `duration` ms, then lets the last of them finish. */
async function callsPerSecond(
  peer: RunningPeer,
  inFlight: number,
  duration: number,
): Promise<number> {
  let calls = 0
  const start = performance.now()
  const lane = async (): Promise<void> => {
    while (performance.now() - start < duration) await callAndCheck(peer, ++calls, 7)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return calls / ((performance.now() - start) / 1000)
}
