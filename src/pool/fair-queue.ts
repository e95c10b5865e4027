/**
 * One first-in-first-out queue per key, served in turn: a key with ten thousand items delays
 * the others by one item each round, not by ten thousand.
 */
export class FairQueue<K, T> {
  readonly #queues = new Map<K, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  push(key: K, item: T): void {
    const queue = this.#queues.get(key)
    if (queue) queue.push(item)
    else this.#queues.set(key, [item])
    this.#size++
  }

  /** Takes the oldest item of the key whose turn it is. */
  shift(): T | undefined {
    const next = this.#queues.entries().next()
    if (next.done) return undefined
    const [key, queue] = next.value
    const item = queue.shift()
    // A map keeps the order of insertion: served keys go to the end of the round.
    this.#queues.delete(key)
    if (queue.length > 0) this.#queues.set(key, queue)
    this.#size--
    return item
  }

  /** Takes out one item; false when it is not there. */
  remove(key: K, item: T): boolean {
    const queue = this.#queues.get(key)
    const at = queue?.indexOf(item) ?? -1
    if (!queue || at === -1) return false
    queue.splice(at, 1)
    if (queue.length === 0) this.#queues.delete(key)
    this.#size--
    return true
  }

  /** Takes out all items of a key. */
  removeKey(key: K): T[] {
    const queue = this.#queues.get(key) ?? []
    this.#queues.delete(key)
    this.#size -= queue.length
    return queue
  }

  /** Takes out everything. */
  clear(): T[] {
    const items = [...this.#queues.values()].flat()
    this.#queues.clear()
    this.#size = 0
    return items
  }
}
