/** After this time in milliseconds a new period begins. What is reported is this one and the last. */
const PERIOD = 60_000

/** The share of its time that somebody was busy, over the last one or two minutes. */
export class Utilization {
  #busy = 0
  /** When it became busy, if it is. */
  #busySince: number | undefined
  #previous: { readonly at: number; readonly busy: number }
  #current: { readonly at: number; readonly busy: number }

  /** All times are in milliseconds of the same clock. */
  constructor(now: number) {
    this.#current = { at: now, busy: 0 }
    this.#previous = this.#current
  }

  begin(now: number): void {
    this.#turnOver(now)
    this.#busySince = now
  }

  end(now: number): void {
    this.#busy = this.#busyAt(now)
    this.#busySince = undefined
    this.#turnOver(now)
  }

  /** From 0 to 1. */
  share(now: number): number {
    this.#turnOver(now)
    const { at, busy } = this.#previous
    return now > at ? Math.min(1, (this.#busyAt(now) - busy) / (now - at)) : 0
  }

  #busyAt(now: number): number {
    return this.#busy + (this.#busySince === undefined ? 0 : now - this.#busySince)
  }

  #turnOver(now: number): void {
    const age = now - this.#current.at
    if (age < PERIOD) return
    const recent = this.#busySince === undefined ? 0 : Math.min(PERIOD, now - this.#busySince)
    this.#previous =
      age < 2 * PERIOD ? this.#current : { at: now - PERIOD, busy: this.#busyAt(now) - recent }
    this.#current = { at: now, busy: this.#busyAt(now) }
  }
}
