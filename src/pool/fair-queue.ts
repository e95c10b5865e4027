/** Items of one key, and its neighbours in the round. */
interface Queue<K, T> {
  readonly key: K
  /** What goes before the others; and whether that was so the last time. */
  readonly ahead: T[]
  wasAhead: boolean
  /** What was taken out is cut off now and then: to shift an array moves all of it. */
  readonly items: (T | undefined)[]
  /** Items taken out that are still in front. */
  taken: number
  previous: Queue<K, T>
  next: Queue<K, T>
}

/** Items taken out of a long queue before it is cut. */
const CUT = 1024

/** How many items there are in several queues. */
export interface Tally {
  count: number
}

/**
 * One first-in-first-out queue per key, served in turn: a key with ten thousand items delays
 * the others by one item each round, not by ten thousand.
 *
 * The round is a ring of links: with a map for it, every turn would take a key out and put it back, and such maps are
 * rebuilt all the time.
 */
export class FairQueue<K, T> {
  readonly #queues = new Map<K, Queue<K, T>>()
  readonly #tally: Tally
  /** The queue whose turn it is. */
  #turn: Queue<K, T> | undefined
  #size = 0

  /** Counts its items in `tally`, too. */
  constructor(tally: Tally = { count: 0 }) {
    this.#tally = tally
  }

  get size(): number {
    return this.#size
  }

  push(key: K, item: T): void {
    this.#of(key).items.push(item)
    this.#grow(1)
  }

  /** Puts an item before the others of its key; by turns with them, if there is always one. */
  pushAhead(key: K, item: T): void {
    this.#of(key).ahead.push(item)
    this.#grow(1)
  }

  /** Takes the oldest item of the key whose turn it is. */
  shift(): T | undefined {
    const queue = this.#turn
    if (!queue) return undefined
    const item = take(queue)
    this.#turn = queue.next
    if (queue.taken >= CUT) cut(queue)
    if (isEmpty(queue)) this.#leave(queue)
    this.#grow(-1)
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
    if (isEmpty(queue)) this.#leave(queue)
    this.#grow(-1)
    return true
  }

  /** Takes out all items of a key. */
  removeKey(key: K): T[] {
    const queue = this.#queues.get(key)
    if (!queue) return []
    cut(queue)
    this.#leave(queue)
    this.#grow(-(queue.ahead.length + queue.items.length))
    return [...queue.ahead, ...(queue.items as T[])]
  }

  /** Takes out everything. */
  clear(): T[] {
    const all: T[] = []
    while (this.#turn) for (const item of this.removeKey(this.#turn.key)) all.push(item)
    return all
  }

  #grow(by: number): void {
    this.#size += by
    this.#tally.count += by
  }

  /** The queue of a key; a new one goes to the end of the round. */
  #of(key: K): Queue<K, T> {
    const known = this.#queues.get(key)
    if (known) return known
    const queue = { key, ahead: [], wasAhead: false, items: [], taken: 0 } as never as Queue<K, T>
    this.#queues.set(key, queue)
    this.#turn ??= queue
    queue.next = this.#turn
    queue.previous = this.#turn.previous ?? queue
    queue.previous.next = queue
    queue.next.previous = queue
    return queue
  }

  #leave(queue: Queue<K, T>): void {
    this.#queues.delete(queue.key)
    queue.previous.next = queue.next
    queue.next.previous = queue.previous
    if (this.#turn === queue) this.#turn = queue.next === queue ? undefined : queue.next
  }
}

function isEmpty<K, T>(queue: Queue<K, T>): boolean {
  return queue.ahead.length === 0 && queue.taken === queue.items.length
}

function take<K, T>(queue: Queue<K, T>): T | undefined {
  const hasOthers = queue.taken < queue.items.length
  queue.wasAhead = queue.ahead.length > 0 && !(queue.wasAhead && hasOthers)
  if (queue.wasAhead) return queue.ahead.shift()
  const item = queue.items[queue.taken]
  // Or it would be kept until the queue is cut.
  queue.items[queue.taken++] = undefined
  return item
}

function cut<K, T>(queue: Queue<K, T>): void {
  queue.items.splice(0, queue.taken)
  queue.taken = 0
}
