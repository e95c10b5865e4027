import type { Script } from 'node:vm'

/** Values of a realm's own that are kept at most, but for the last. */
const MOST = 1000

/** What a realm has of path programs: the value of each script that it has run. */
export class Invokers {
  readonly #run: (script: Script) => unknown
  /** Most contexts are called by one path. */
  #last: Script | undefined
  #value: unknown
  #others: Map<Script, unknown> | undefined

  constructor(run: (script: Script) => unknown) {
    this.#run = run
  }

  /** The value of a script in this realm. */
  of(script: Script): unknown {
    if (script === this.#last) return this.#value
    const value = this.#others?.get(script) ?? this.#run(script)
    if (this.#last) this.#keep(this.#last, this.#value)
    this.#last = script
    this.#value = value
    return value
  }

  #keep(script: Script, value: unknown): void {
    this.#others ??= new Map()
    if (this.#others.size >= MOST) this.#others.clear()
    this.#others.set(script, value)
  }
}
