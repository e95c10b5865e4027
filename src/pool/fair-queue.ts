/** Items of one key. What was taken out is cut off now and then: to shift an array moves all of it. */
interface Queue<T> {
  items: (T | undefined)[]
  /** Items taken out that are still in front. */
  taken: number
}

/** Items taken out of a long queue before it is cut. */
const CUT = 1024

/**
 * One first-in-first-out queue per key, served in turn: a key with ten thousand items delays
 * the others by one item each round, not by ten thousand.
 */
export class FairQueue<K, T> {
  readonly #queues = new Map<K, Queue<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  push(key: K, item: T): void {
    const queue = this.#queues.get(key)
    if (queue) queue.items.push(item)
    else this.#queues.set(key, { items: [item], taken: 0 })
    this.#size++
  }

  /** Puts an item before the others of its key. */
  pushAhead(key: K, item: T): void {
    const queue = this.#queues.get(key)
    if (!queue) return this.push(key, item)
    if (queue.taken > 0) queue.items[--queue.taken] = item
    else queue.items.unshift(item)
    this.#size++
  }

  /** Takes the oldest item of the key whose turn it is. */
  shift(): T | undefined {
    const next = this.#queues.entries().next()
    if (next.done) return undefined
    const [key, queue] = next.value
    const item = queue.items[queue.taken]
    // Or it would be kept until the queue is cut.
    queue.items[queue.taken++] = undefined
    if (queue.taken === queue.items.length) this.#queues.delete(key)
    else if (this.#queues.size > 1) {
      // A map keeps the order of insertion: served keys go to the end of the round.
      this.#queues.delete(key)
      this.#queues.set(key, queue)
    }
    if (queue.taken >= CUT) cut(queue)
    this.#size--
    return item
  }

  /** Takes out one item; false when it is not there. */
  remove(key: K, item: T): boolean {
    const queue = this.#queues.get(key)
    if (!queue) return false
    cut(queue)
    const at = queue.items.indexOf(item)
    if (at === -1) return false
    queue.items.splice(at, 1)
    if (queue.items.length === 0) this.#queues.delete(key)
    this.#size--
    return true
  }

  /** Takes out all items of a key. */
  removeKey(key: K): T[] {
    const queue = this.#queues.get(key)
    if (!queue) return []
    this.#queues.delete(key)
    cut(queue)
    this.#size -= queue.items.length
    return queue.items as T[]
  }

  /** Takes out everything. */
  clear(): T[] {
    const items = [...this.#queues.keys()].flatMap((key) => this.removeKey(key))
    return items
  }
}

function cut<T>(queue: Queue<T>): void {
  queue.items.splice(0, queue.taken)
  queue.taken = 0
}
