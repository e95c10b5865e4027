import type { Realm } from './realm/realm.js'

export interface Suspension {
  readonly realm: Realm
  readonly context: number
  /** What is left of its budget, in milliseconds. */
  left: number
}

/** Calls that wait for a promise, by number and by the realm that will settle it. */
export class Suspensions {
  readonly #byCall = new Map<number, Suspension>()
  readonly #byRealm = new Map<Realm, Set<number>>()

  get(call: number): Suspension | undefined {
    return this.#byCall.get(call)
  }

  has(realm: Realm): boolean {
    return this.#byRealm.has(realm)
  }

  add(call: number, suspension: Suspension): void {
    this.#byCall.set(call, suspension)
    const calls = this.#byRealm.get(suspension.realm)
    if (calls) calls.add(call)
    else this.#byRealm.set(suspension.realm, new Set([call]))
  }

  /** A call goes without a result. */
  giveUp(call: number): void {
    const realm = this.#byCall.get(call)?.realm
    if (realm?.isEquipped) realm.givenUp.push(call)
    this.delete(call)
  }

  delete(call: number): void {
    const suspension = this.#byCall.get(call)
    if (!suspension) return
    this.#byCall.delete(call)
    const calls = this.#byRealm.get(suspension.realm)
    calls?.delete(call)
    if (calls?.size === 0) this.#byRealm.delete(suspension.realm)
  }

  /** Takes out the calls of a realm. */
  deleteRealm(realm: Realm): number[] {
    const calls = [...(this.#byRealm.get(realm) ?? [])]
    for (const call of calls) this.#byCall.delete(call)
    this.#byRealm.delete(realm)
    return calls
  }
}
