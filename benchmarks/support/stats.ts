/** A value in the middle, and how far the rounds lay apart. */
export interface Summary {
  readonly value: number
  /** The smallest and the largest of the rounds; undefined for what has no rounds. */
  readonly spread: readonly [number, number] | undefined
}

/**
 * The nearest-rank percentile, for `p` from 0 to 100: always one of the samples. Throws
 * `RangeError` when there are none.
 */
export function percentile(samples: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(samples).sort()
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('no samples')
  return value
}

/** The median, between the two middle samples when their number is even. */
export function median(samples: ArrayLike<number>): number {
  const sorted = Float64Array.from(samples).sort()
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  if (upper === undefined || lower === undefined) throw new RangeError('no samples')
  return (lower + upper) / 2
}

export function summary(rounds: readonly number[]): Summary {
  return { value: median(rounds), spread: [Math.min(...rounds), Math.max(...rounds)] }
}

/** Rounds that ran side by side, divided pair by pair: what disturbs both cancels out. */
export function ratios(rounds: readonly number[], baseline: readonly number[]): number[] {
  return rounds.map((value, i) => value / (baseline[i] ?? Number.NaN))
}
