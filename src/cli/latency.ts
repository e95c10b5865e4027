import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

const NS_PER_MS = 1e6
const BARS = 12
const BAR_WIDTH = 40
/** Points of the distribution that a drawing looks at. */
const POINTS = 1000

export interface LatencySummary {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly 'p99.9': number
  readonly max: number
}

/** How long calls took, in milliseconds: an HDR histogram, three digits exact at any size. */
export class Latency {
  readonly #histogram: RecordableHistogram = createHistogram()

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)))
  }

  reset(): void {
    this.#histogram.reset()
  }

  get count(): number {
    return this.#histogram.count
  }

  percentile(p: number): number {
    return this.#histogram.percentile(p) / NS_PER_MS
  }

  /** Undefined when nothing was recorded. */
  summary(): LatencySummary | undefined {
    if (this.count === 0) return undefined
    return {
      count: this.count,
      min: this.#histogram.min / NS_PER_MS,
      mean: this.#histogram.mean / NS_PER_MS,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      'p99.9': this.percentile(99.9),
      max: this.#histogram.max / NS_PER_MS,
    }
  }

  /** Lines of a text histogram: classes of equal width on a logarithmic scale. */
  draw(): string[] {
    const shares = this.#shares()
    const most = Math.max(...shares.map(({ share }) => share))
    return shares.map(({ to, share }) => {
      const bar = '█'.repeat(Math.ceil((share / most) * BAR_WIDTH))
      const percent = `${(share * 100).toFixed(1)} %`
      return `  ≤ ${time(to).padStart(8)}  ${percent.padStart(7)}  ${bar}`.trimEnd()
    })
  }

  /** What Node's histogram tells are percentiles: each point of them is so much of all calls. */
  #shares(): { to: number; share: number }[] {
    const { min, max } = this.#histogram
    const first = min / NS_PER_MS
    // One class where all are the same, as far as the histogram's digits tell.
    const bars = max / min > 1.01 ? BARS : 1
    const step = (max / min) ** (1 / bars)
    const shares = Array.from({ length: bars }, (_, i) => ({
      to: first * step ** (i + 1),
      share: 0,
    }))
    for (let i = 0; i < POINTS; i++) {
      const value = this.percentile(((i + 0.5) / POINTS) * 100)
      const found = shares.find(({ to }) => value <= to) ?? shares.at(-1)
      if (found) found.share += 1 / POINTS
    }
    return shares
  }
}

/** A duration for people: three digits and the unit that fits. */
export function time(ms: number): string {
  if (ms >= 1000) return `${digits(ms / 1000)} s`
  if (ms >= 1) return `${digits(ms)} ms`
  return `${digits(ms * 1000)} µs`
}

function digits(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}
