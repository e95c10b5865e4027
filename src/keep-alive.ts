/**
 * Keeps the program alive while calls are pending, and only then: processes, their descriptors
 * and the service's timers are all unreferenced, so a service that nobody closes does not hold
 * up the end of a program.
 */
export class KeepAlive {
  // Any referenced handle would do; a timer that never fires in practice is the cheapest.
  readonly #handle = setInterval(() => {}, 0x7fff_ffff).unref()
  #holds = 0

  hold(): void {
    if (this.#holds++ === 0) this.#handle.ref()
  }

  release(): void {
    if (--this.#holds === 0) this.#handle.unref()
  }

  end(): void {
    clearInterval(this.#handle)
  }
}
