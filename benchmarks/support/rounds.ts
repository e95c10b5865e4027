import { OURS } from './peer.js'
import { progress } from './progress.js'
import type { Row } from './question.js'
import { ratios, summary } from './stats.js'

export interface Named {
  readonly name: string
}

/** What one subject measured, round by round. */
export interface Series<M> {
  readonly name: string
  readonly rounds: readonly M[]
}

/**
 * Measures every subject once a round, in turn (ABAB): a machine that slows down or is busy for
 * a while does so for all of them.
 */
export async function interleave<S extends Named, M>(
  subjects: readonly S[],
  rounds: number,
  measure: (subject: S) => Promise<M>,
): Promise<Series<M>[]> {
  const series = subjects.map((subject) => ({ subject, rounds: [] as M[] }))
  for (let round = 0; round < rounds; round++) {
    for (const { subject, rounds: measured } of series) {
      progress.step(`round ${round + 1} of ${rounds}, ${subject.name}`)
      measured.push(await measure(subject))
    }
  }
  return series.map(({ subject, rounds }) => ({ name: subject.name, rounds }))
}

/**
 * The rows of one quantity: each subject's median, and its ratios to the baseline. Where vmring is
 * beside several, each of them is told how many times its figure vmring's is.
 */
export function rowsOf<M>(
  series: readonly Series<M>[],
  baseline: string,
  quantity: string,
  unit: string,
  pick: (measured: M) => number,
): Row[] {
  const all = series.map(({ name, rounds }) => ({ name, values: rounds.map(pick) }))
  const base = all.find(({ name }) => name === baseline)?.values
  if (!base) throw new Error(`the baseline ${baseline} was not measured`)
  // Where there are only the two, the ratio says it already.
  const ours = all.length > 2 && all.find(({ name }) => name === OURS)?.values
  return all.map(({ name, values }) => {
    const ratio = name === baseline ? undefined : summary(ratios(values, base))
    const compared = ours && name !== OURS ? summary(ratios(ours, values)) : undefined
    return { quantity, unit, subject: name, value: summary(values), ratio, ours: compared }
  })
}
