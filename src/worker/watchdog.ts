import { Worker } from 'node:worker_threads'
import { DeadlineCell } from './deadline-cell.js'

export interface WatchdogData {
  readonly memory: SharedArrayBuffer
}

/** From the thread: it is ready, or it has ended the turn. */
export interface WatchdogMessage {
  readonly ended: boolean
}

/** The main thread's side of the watchdog: begins and leaves turns. */
export class Watchdog {
  readonly #cell = new DeadlineCell()
  readonly #thread: Worker

  /** `onEnded` runs when a turn was ended, after everything it was doing has unwound. */
  constructor(onReady: () => void, onEnded: () => void) {
    const data: WatchdogData = { memory: this.#cell.memory }
    this.#thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
      workerData: data,
      stdin: false,
    })
    this.#thread.on('message', ({ ended }: WatchdogMessage) => {
      if (!ended) return onReady()
      this.#cell.clear()
      onEnded()
    })
    // Without it no deadline would be kept: better no process than such a one.
    this.#thread.on('error', (error) => {
      throw error
    })
    this.#thread.unref()
  }

  /** Begins a turn of at most `timeout` ms. Whatever runs until `leave` may be cut short. */
  enter(timeout: number): void {
    if (this.#cell.enter(timeout)) this.#thread.postMessage(undefined)
  }

  /** Ends the turn. Does not return when the watchdog was first. */
  leave(): void {
    if (this.#cell.leave()) return
    // The ending is on its way and must not hit anything but this turn.
    for (;;);
  }
}
