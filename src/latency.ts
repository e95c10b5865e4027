import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

const NS_PER_MS = 1e6
/** Calls of which every one is measured; of those after them it is one in sixteen. */
const ALL = 1000
const ONE_IN = 16
/** After this time in milliseconds a new period begins. What is reported is this one and the last. */
const PERIOD = 60_000

/** How long calls took, from their beginning to their end, in milliseconds. */
export interface LatencyStats {
  /** Calls that were measured: all of the first thousand in a minute, then one in sixteen. */
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Measures calls, into histograms of Node's own (HdrHistogram): of the last one or two minutes. */
export class Latency {
  #current = createHistogram()
  #previous: RecordableHistogram | undefined
  #since = performance.now()
  #calls = 0

  /** A call begins: its beginning in milliseconds, if it is to be measured. */
  begin(): number | undefined {
    return ++this.#calls <= ALL || this.#calls % ONE_IN === 0 ? performance.now() : undefined
  }

  /** A call that was to be measured has ended. */
  end(startedAt: number): void {
    const now = performance.now()
    this.#turnOver(now)
    this.#current.record(Math.max(1, Math.round((now - startedAt) * NS_PER_MS)))
  }

  /** Undefined when no call has ended of late. */
  stats(): LatencyStats | undefined {
    this.#turnOver(performance.now())
    const both = createHistogram()
    both.add(this.#current)
    if (this.#previous) both.add(this.#previous)
    if (both.count === 0) return undefined
    const at = (percentile: number): number => both.percentile(percentile) / NS_PER_MS
    return {
      count: both.count,
      mean: both.mean / NS_PER_MS,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: both.max / NS_PER_MS,
    }
  }

  #turnOver(now: number): void {
    const periods = Math.floor((now - this.#since) / PERIOD)
    if (periods === 0) return
    this.#previous = periods === 1 ? this.#current : undefined
    this.#current = createHistogram()
    this.#since += periods * PERIOD
    this.#calls = 0
  }
}
