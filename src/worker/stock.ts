import type { Realm } from './realm/realm.js'

/** How many realms are kept at least and at most. */
const LEAST = 1
const MOST = 32
/** Takings in a row that find some left, after which fewer are kept. */
const PLENTY = 64

/**
 * Realms made in advance, their start-up sources run, so that making a context takes little longer
 * than asking for it. As many are kept as come to be wanted in a burst.
 */
export class Stock {
  readonly #realms: Realm[] = []
  #target = LEAST
  /** The fewest that were left at a taking of late. */
  #spare = 0
  #takings = 0

  /** Whether there are fewer than wanted. */
  get isShort(): boolean {
    return this.#realms.length < this.#target
  }

  get size(): number {
    return this.#realms.length
  }

  add(realm: Realm): void {
    this.#realms.push(realm)
  }

  take(): Realm | undefined {
    const realm = this.#realms.pop()
    const left = this.#realms.length
    if (!realm) {
      this.#target = Math.min(MOST, Math.max(LEAST, this.#target * 2))
      this.#begin(MOST)
    } else if (++this.#takings < PLENTY) {
      this.#spare = Math.min(this.#spare, left)
    } else {
      this.#target = Math.max(LEAST, this.#target - Math.floor(this.#spare / 2))
      this.#begin(left)
    }
    return realm
  }

  #begin(spare: number): void {
    this.#takings = 0
    this.#spare = spare
  }

  /** No more are made in advance until one is missed. */
  settle(): void {
    this.#target = 0
  }

  /** Takes out all of them. None is made in advance until one is missed. */
  clear(): Realm[] {
    const realms = this.#realms.splice(0)
    this.settle()
    return realms
  }
}
