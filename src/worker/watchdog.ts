import { Worker } from 'node:worker_threads'
import { DeadlineCell } from './deadline-cell.js'
import type { HeldReplies } from './held-replies.js'
import { MemoryLedger } from './memory-ledger.js'
import { residentMemory } from './resident-memory.js'
import type { TurnOfCall } from './turns.js'

export interface WatchdogData {
  readonly shared: SharedArrayBuffer
  /** Those of `HeldReplies`. */
  readonly held: SharedArrayBuffer
  /** Resident memory that the process may reach, in bytes. */
  readonly memoryLimit: number
}

/** From the thread to the main thread. `rss` is in bytes. */
export type WatchdogMessage =
  | { readonly kind: 'ready' }
  /** The turn was ended at its deadline, and has unwound. */
  | { readonly kind: 'deadline' }
  /** The turn was ended for its context's memory, and has unwound. */
  | { readonly kind: 'memory'; readonly context: number; readonly rss: number }
  /** A context that is not in a turn holds too much memory. */
  | { readonly kind: 'evict'; readonly context: number; readonly rss: number }
  /** Memory is short even without garbage, or is so no longer. */
  | { readonly kind: 'pressure'; readonly on: boolean; readonly rss: number }

/**
 * To the thread: look at the cell; collect garbage, for something big was let go; or don't put off
 * the next collection for those that were in vain, for something was.
 */
export type WatchdogRequest = 'ring' | 'reclaim' | 'freed'

/** The main thread's side of the watchdog: begins and leaves turns. */
export class Watchdog {
  readonly #cell = new DeadlineCell()
  readonly #ledger: MemoryLedger
  readonly #thread: Worker
  /** When the turn under way must have ended, and when it went on, in ms of `performance.now()`. */
  #deadline = 0
  #goneOnAt = 0
  /** What the turn took before that, in ms. */
  #ran = 0
  /** Whether memory was short when the thread last looked. */
  #isPressed = false

  constructor(
    memoryLimit: number,
    held: HeldReplies,
    onMessage: (message: WatchdogMessage) => void,
  ) {
    this.#ledger = new MemoryLedger(this.#cell, residentMemory(), memoryLimit)
    const data: WatchdogData = { shared: this.#cell.shared, held: held.shared, memoryLimit }
    this.#thread = new Worker(new URL('./watchdog-thread.cjs', import.meta.url), {
      workerData: data,
      stdin: false,
    })
    this.#thread.on('message', (message: WatchdogMessage) => {
      if (message.kind === 'deadline' || message.kind === 'memory') {
        // Or the next turn would be charged with what this one took. First, for as long as its turn is not
        // cleared, the thread blames nobody.
        this.#ledger.charge()
        this.#cell.clear()
      }
      if (message.kind === 'pressure') this.#isPressed = message.on
      onMessage(message)
    })
    // Without it no deadline would be kept: better no process than such a one.
    this.#thread.on('error', (error) => {
      throw error
    })
    this.#thread.unref()
  }

  /** Begins a turn of at most `timeout` ms. Whatever runs until `leave` may be cut short. */
  enter(timeout: number, turn: TurnOfCall): void {
    this.#ran = 0
    this.resume(timeout, turn)
  }

  /** Ends the turn; returns what it took, in ms. Does not return when the watchdog was first. */
  leave(): number {
    if (this.#cell.leave()) {
      const now = performance.now()
      this.#ledger.left(now)
      this.#ran += now - this.#goneOnAt
      return this.#ran
    }
    // The ending is on its way and must not hit anything but this turn.
    for (;;);
  }

  /** What the turn has taken so far, in ms, without the time it was paused. */
  ran(): number {
    return this.#ran + performance.now() - this.#goneOnAt
  }

  /**
   * Leaves the turn for a while, in which nothing can cut it short; returns what is left of its budget,
   * in ms. Does not return when that is nothing, when nobody waits for it, or when the watchdog was first.
   */
  pause(): number {
    const left = this.#deadline - performance.now()
    // Or one that is never there when the watchdog looks would go on for ever.
    while (left <= 0 || this.#cell.isUnwanted());
    this.leave()
    return left
  }

  /** Goes on with a turn that was paused, for so many ms; what has been `spent` meanwhile counts. */
  resume(timeout: number, { context, call, owner }: TurnOfCall, spent = 0): void {
    this.#ran += spent
    const now = performance.now()
    this.#goneOnAt = now
    this.#deadline = now + timeout
    this.#ledger.entered(context, now)
    const isWanted = this.#cell.enter(Math.max(timeout, 0), context, call, now, Math.max(owner, 0))
    if (isWanted) this.#request('ring')
  }

  /** One of `count` contexts made in advance, as context 0, is that one from here on. */
  taken(count: number, context: number): void {
    this.#ledger.move(0, context, 1 / count)
  }

  /** A context is gone: what it has grown by is nobody's. */
  gone(context: number): void {
    this.#ledger.forget(context)
  }

  /** A realm was let go of: where memory is short, it is worth looking for garbage. */
  freed(): void {
    if (this.#isPressed) this.#request('freed')
  }

  /** Has garbage collected soon: something big was let go. */
  reclaim(): void {
    this.#request('reclaim')
  }

  #request(request: WatchdogRequest): void {
    this.#thread.postMessage(request)
  }
}
