import { paceOf } from './support/load.js'
import { BASELINE, callAndCheck, type RunningPeer, withPeers } from './support/peer.js'
import type { Question } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'
import { percentile } from './support/stats.js'

export const question: Question = {
  title: 'Round trip: how long does one call take when nothing else is under way?',
  method:
    'add(a, b), one call in flight. Each round gives a p50 and a p99; shown are the medians\n' +
    'of the rounds, and of their ratios. Less is better.',
  baseline: BASELINE,
  async ask({ quick, peers, baseline }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    return await withPeers(peers, async (running) => {
      for (const peer of running) await roundTrips(peer, warmUp)
      const series = await interleave(running, rounds, async (peer) => {
        const times = await roundTrips(peer, duration)
        return { p50: percentile(times, 50), p99: percentile(times, 99) }
      })
      return [
        ...rowsOf(series, baseline, 'p50', 'us', ({ p50 }) => p50),
        ...rowsOf(series, baseline, 'p99', 'us', ({ p99 }) => p99),
      ]
    })
  },
}

/** Calls one after the other for `duration` ms, one at least; the time of each in microseconds. */
async function roundTrips(peer: RunningPeer, duration: number): Promise<number[]> {
  const times: number[] = []
  let before = performance.now()
  const end = before + duration
  do {
    await callAndCheck(peer, times.length, 7)
    const after = performance.now()
    times.push((after - before) * 1000)
    before = after
  } while (before < end)
  return times
}
