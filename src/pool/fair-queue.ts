/** Items of one key. What was taken out is cut off now and then: to shift an array moves all of it. */
interface Queue<T> {
  /** What goes before them; and whether that was so the last time. */
  readonly ahead: T[]
  wasAhead: boolean
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
    else this.#queues.set(key, { ahead: [], wasAhead: false, items: [item], taken: 0 })
    this.#size++
  }

  /** Puts an item before the others of its key; by turns with them, if there is always one. */
  pushAhead(key: K, item: T): void {
    const queue = this.#queues.get(key)
    if (queue) queue.ahead.push(item)
    else this.#queues.set(key, { ahead: [item], wasAhead: false, items: [], taken: 0 })
    this.#size++
  }

  /** Takes the oldest item of the key whose turn it is. */
  shift(): T | undefined {
    const next = this.#queues.entries().next()
    if (next.done) return undefined
    const [key, queue] = next.value
    const item = take(queue)
    if (queue.ahead.length === 0 && queue.taken === queue.items.length) this.#queues.delete(key)
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
    const items = queue.ahead.includes(item) ? queue.ahead : queue.items
    const at = items.indexOf(item)
    if (at === -1) return false
    items.splice(at, 1)
    if (queue.ahead.length + queue.items.length === 0) this.#queues.delete(key)
    this.#size--
    return true
  }

  /** Takes out all items of a key. */
  removeKey(key: K): T[] {
    const queue = this.#queues.get(key)
    if (!queue) return []
    this.#queues.delete(key)
    cut(queue)
    this.#size -= queue.ahead.length + queue.items.length
    return [...queue.ahead, ...(queue.items as T[])]
  }

  /** Takes out everything. */
  clear(): T[] {
    const items = [...this.#queues.keys()].flatMap((key) => this.removeKey(key))
    return items
  }
}

function take<T>(queue: Queue<T>): T | undefined {
  const hasOthers = queue.taken < queue.items.length
  queue.wasAhead = queue.ahead.length > 0 && !(queue.wasAhead && hasOthers)
  if (queue.wasAhead) return queue.ahead.shift()
  const item = queue.items[queue.taken]
  // Or it would be kept until the queue is cut.
  queue.items[queue.taken++] = undefined
  return item
}

function cut<T>(queue: Queue<T>): void {
  queue.items.splice(0, queue.taken)
  queue.taken = 0
}
