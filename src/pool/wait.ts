/** The time of a task that waits for promises. It stands still while the task waits for its host. */
export class Wait {
  /** When the task must have ended, in milliseconds of `performance.now()`; Infinity while that is open. */
  deadline = Number.POSITIVE_INFINITY
  #hasBegun = false
  #holds = 0
  /** What it had left when its time began to stand still, in milliseconds. */
  #left = Number.POSITIVE_INFINITY

  /** The task waits for a promise from now on, until `deadline`. */
  begin(deadline: number, now: number): void {
    this.deadline = deadline
    this.#hasBegun = true
    if (this.#holds > 0) this.#stop(now)
  }

  /** Its time stands still, once it has begun, until as many `release`. */
  hold(now: number): void {
    if (this.#holds++ === 0 && this.#hasBegun) this.#stop(now)
  }

  release(now: number): void {
    if (--this.#holds === 0 && this.#hasBegun) this.deadline = now + this.#left
  }

  #stop(now: number): void {
    this.#left = this.deadline - now
    this.deadline = Number.POSITIVE_INFINITY
  }
}
