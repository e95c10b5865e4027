/** More deaths than this within the period, in milliseconds, are answered with a delay. */
const INTENSITY = 20
const PERIOD = 10_000
/** The first delay, in milliseconds; it doubles with each further one. */
const FIRST_DELAY = 100
const LONGEST_DELAY = 30_000
/** The share of a delay that chance decides, so that many services don't retry in step. */
const JITTER = 0.2

export interface RestartPolicyOptions {
  /** The current time in milliseconds. */
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
}

/**
 * When the next process may be started: at once, unless starts fail, or processes die more
 * often than Erlang's supervisors would put up with (their "intensity" and "period").
 */
export class RestartPolicy {
  readonly #options: RestartPolicyOptions
  #deaths: number[] = []
  #delays = 0
  #retryAt = 0
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(options: RestartPolicyOptions) {
    this.#options = options
  }

  /** When the next start may happen, in milliseconds of `now`; in the past when it may at once. */
  get retryAt(): number {
    return this.#retryAt
  }

  /** A process has started. */
  succeeded(): void {
    this.#delays = 0
    this.#retryAt = 0
  }

  /**
   * A process whose start began at `begun` could not be started. Starts that were under way
   * when another one failed are no further evidence.
   */
  failed(begun: number): void {
    const { now, random } = this.#options
    if (begun < this.#failedAt) return
    this.#failedAt = now()
    const delay = Math.min(FIRST_DELAY * 2 ** this.#delays, LONGEST_DELAY)
    this.#delays++
    this.#retryAt = now() + delay * (1 - JITTER * random())
  }

  /** A process that had started died. */
  died(): void {
    const time = this.#options.now()
    this.#deaths = this.#deaths.filter((at) => at > time - PERIOD)
    if (this.#deaths.length === 0) this.succeeded()
    this.#deaths.push(time)
    if (this.#deaths.length > INTENSITY) this.failed(time)
  }
}
