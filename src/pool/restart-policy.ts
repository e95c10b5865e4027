/** The first delay after a failed start, in milliseconds; it doubles with each further one. */
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

/** When the next process may be started: at once, unless starts have failed of late. */
export class RestartPolicy {
  readonly #options: RestartPolicyOptions
  #failures = 0
  #retryAt = 0

  constructor(options: RestartPolicyOptions) {
    this.#options = options
  }

  /** When the next start may happen, in milliseconds of `now`; in the past when it may at once. */
  get retryAt(): number {
    return this.#retryAt
  }

  succeeded(): void {
    this.#failures = 0
    this.#retryAt = 0
  }

  failed(): void {
    const { now, random } = this.#options
    const delay = Math.min(FIRST_DELAY * 2 ** this.#failures, LONGEST_DELAY)
    this.#failures++
    this.#retryAt = now() + delay * (1 - JITTER * random())
  }
}
