import type { Realm } from './realm/realm.js'

/** A realm that is no context's any more, but may have something left to run. */
export interface Farewell {
  readonly realm: Realm
  /** The number of the context that it was, or was to be. */
  readonly context: number
  /** Whether its memory is wanted at once. */
  readonly reclaim: boolean
}

/** The realms whose last turn is due, oldest first. */
export class Farewells {
  readonly #due: Farewell[] = []
  readonly #importing: Farewell[] = []

  get size(): number {
    return this.#due.length
  }

  /** `importing`: an `import()` may still put something into its queue before the next `imported`. */
  add(farewell: Farewell, importing: boolean): void {
    if (importing) this.#importing.push(farewell)
    else this.#due.push(farewell)
  }

  /** Every `import()` so far has been refused. */
  imported(): void {
    this.#due.push(...this.#importing.splice(0))
  }

  next(): Farewell | undefined {
    return this.#due.shift()
  }
}
