import type { Script } from 'node:vm'
import type { PathScript } from './path-programs.js'

/** Values of a realm's own that are kept at most, but for the last. */
const MOST = 250

interface Made {
  readonly of: PathScript
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
  /** By key: what a path is compiled to anew takes the place of what it was. */
  #others: Map<string, Made> | undefined

  constructor(run: (script: Script) => unknown) {
    this.#run = run
  }

  /**
   * The value of a script in this realm. The first time it is run for that, and with it what microtasks a turn
   * that was cut short has left.
   */
  of(script: PathScript): unknown {
    if (script === this.#last?.of) return this.#last.value
    const known = this.#others?.get(script.key)
    const made = known?.of === script ? known : { of: script, value: this.#run(script.script) }
    if (this.#last) this.#keep(this.#last)
    this.#last = made
    return made.value
  }

  #keep(made: Made): void {
    this.#others ??= new Map()
    if (this.#others.size >= MOST) this.#others.clear()
    this.#others.set(made.of.key, made)
  }
}
