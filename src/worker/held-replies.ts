import { writeSync } from 'node:fs'
import { CHANNEL_FD } from '../wire/protocol.js'

/** Bytes of replies that are held at most. */
const CAPACITY = 32 * 1024
/** Of that, for what the watchdog adds. */
const RESERVE = 64

/** Who has the bytes: nobody, or one of the two threads. */
const LOCK = 0
const START = 1
const END = 2
/** Whether nothing of the main thread's waits to be written: or the order would not be kept. */
const OPEN = 3
/** Whether the watchdog has added to them: the reply that comes next is not to be held. */
const TOLD = 4
const WORDS = 5
const HEAD = WORDS * Int32Array.BYTES_PER_ELEMENT

const FREE = 0
const TAKEN = 1

/** Writes as many bytes as it can, and returns their number; or throws. */
type Write = (bytes: Buffer, start: number, size: number) => number

/**
 * Replies that are ready, and leave with those of the turns to come: a write for each is most of
 * what a short turn costs. They lie in memory that both threads of a worker share, so that the
 * watchdog can write them when a turn takes longer than it should: a reply must not wait for it,
 * nor be lost with a process that has to be killed for it.
 */
export class HeldReplies {
  readonly shared: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #bytes: Buffer
  readonly #write: Write

  /** `write` is that of the file system, to the service's socket. */
  constructor(
    shared = new SharedArrayBuffer(HEAD + CAPACITY),
    write: Write = (bytes, start, size) => writeSync(CHANNEL_FD, bytes, start, size),
  ) {
    this.shared = shared
    this.#write = write
    this.#words = new Int32Array(shared, 0, WORDS)
    this.#bytes = Buffer.from(shared, HEAD)
  }

  /** Main thread, between turns: whether replies can be held, and the watchdog may write. */
  open(isOpen: boolean): void {
    Atomics.store(this.#words, OPEN, isOpen ? 1 : 0)
  }

  /** Main thread: adds replies; false when they can't be held. */
  add(replies: Buffer): boolean {
    this.#lock()
    const isOpen = Atomics.load(this.#words, OPEN) === 1 && Atomics.load(this.#words, TOLD) === 0
    const added = isOpen && this.#append(replies, CAPACITY - RESERVE)
    this.#unlock()
    return added
  }

  /** Main thread: takes out what the watchdog has not written; undefined without any. */
  take(): Buffer | undefined {
    this.#lock()
    const start = Atomics.load(this.#words, START)
    const end = Atomics.load(this.#words, END)
    // A copy: the memory is written to again before this has left.
    const replies = start < end ? Buffer.from(this.#bytes.subarray(start, end)) : undefined
    Atomics.store(this.#words, START, 0)
    Atomics.store(this.#words, END, 0)
    Atomics.store(this.#words, TOLD, 0)
    this.#unlock()
    return replies
  }

  /**
   * Watchdog: writes them, and one more of its own, as far as the socket takes them. Only if `isDue`
   * then: the main thread may just have left the turn, and be about to write. False when there is
   * something left to write, now or later.
   */
  write(own: Buffer, isDue: () => boolean): boolean {
    if (Atomics.compareExchange(this.#words, LOCK, FREE, TAKEN) !== FREE) return false
    try {
      if (!isDue()) return true
      if (Atomics.load(this.#words, OPEN) === 0) return false
      if (Atomics.load(this.#words, TOLD) === 0 && this.#append(own, CAPACITY)) {
        Atomics.store(this.#words, TOLD, 1)
      }
      const start = Atomics.load(this.#words, START)
      const size = Atomics.load(this.#words, END) - start
      if (size === 0) return true
      const written = this.#write(this.#bytes, start, size)
      Atomics.store(this.#words, START, start + written)
      return written === size
    } catch {
      // The socket is full; or closed, which the main thread will notice.
      return false
    } finally {
      this.#unlock()
    }
  }

  #append(bytes: Buffer, limit: number): boolean {
    const end = Atomics.load(this.#words, END)
    if (end + bytes.length > limit) return false
    this.#bytes.set(bytes, end)
    Atomics.store(this.#words, END, end + bytes.length)
    return true
  }

  #lock(): void {
    // The watchdog has it for the time of one write.
    while (Atomics.compareExchange(this.#words, LOCK, FREE, TAKEN) !== FREE) {
      Atomics.wait(this.#words, LOCK, TAKEN)
    }
  }

  #unlock(): void {
    Atomics.store(this.#words, LOCK, FREE)
    Atomics.notify(this.#words, LOCK)
  }
}
