import type { Script } from 'node:vm'

/** Values of a realm's own that are kept at most, but for the last. */
const MOST = 250

interface Made {
  readonly script: Script
  readonly value: unknown
}

/**
 * What a realm has of path programs: the value of each script that it has run. Used within turns, which may be
 * cut short anywhere: what belongs together is one object, stored at once, and the rest can be made anew.
 */
export class Invokers {
  readonly #run: (script: Script) => unknown
  /** Most contexts are called by one path. */
  #last: Made | undefined
  #others: Map<Script, Made> | undefined

  constructor(run: (script: Script) => unknown) {
    this.#run = run
  }

  /**
   * The value of a script in this realm. The first time it is run for that, and with it what microtasks a turn
   * that was cut short has left.
   */
  of(script: Script): unknown {
    if (script === this.#last?.script) return this.#last.value
    const made = this.#others?.get(script) ?? { script, value: this.#run(script) }
    if (this.#last) this.#keep(this.#last)
    this.#last = made
    return made.value
  }

  #keep(made: Made): void {
    this.#others ??= new Map()
    if (this.#others.size >= MOST) this.#others.clear()
    this.#others.set(made.script, made)
  }
}
