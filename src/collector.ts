import { isAbortSignal } from './checks.js'
import type { ContextRecord } from './directory.js'

export type Collect = (record: ContextRecord, reason: 'owner-gone' | 'idle') => void

/** Notices contexts that nobody needs any more: their owner is gone, or they idle too long. */
export class Collector {
  readonly #collect: Collect
  readonly #owners: FinalizationRegistry<ContextRecord>

  constructor(collect: Collect) {
    this.#collect = collect
    this.#owners = new FinalizationRegistry((record) => this.#collect(record, 'owner-gone'))
  }

  /** Ties a context's life to its owner. Never holds on to an owner that is no signal. */
  watchOwner(record: ContextRecord, owner: object): void {
    if (isAbortSignal(owner)) return this.#watchSignal(record, owner)
    this.#owners.register(owner, record, record)
    // A function of its own, that is: one that shared its scope with `owner` would hold it.
    this.#unregisterAtEnd(record)
  }

  #unregisterAtEnd(record: ContextRecord): void {
    record.onEnd(() => this.#owners.unregister(record))
  }

  #watchSignal(record: ContextRecord, signal: AbortSignal): void {
    // While its creation was tried again.
    if (signal.aborted) return this.#collect(record, 'owner-gone')
    const onAbort = () => this.#collect(record, 'owner-gone')
    signal.addEventListener('abort', onAbort, { once: true })
    record.onEnd(() => signal.removeEventListener('abort', onAbort))
  }

  /** Begins to count the time a context goes unused. */
  watchIdle(record: ContextRecord): void {
    const { idleTimeout } = record
    if (idleTimeout === Number.POSITIVE_INFINITY) return
    let timer: NodeJS.Timeout
    // One timer for each context, set again when it fires and not at every call.
    const check = (): void => {
      const { idle } = record
      if (idle >= idleTimeout) return this.#collect(record, 'idle')
      timer = setTimeout(check, idleTimeout - idle).unref()
    }
    timer = setTimeout(check, idleTimeout).unref()
    record.onEnd(() => clearTimeout(timer))
  }
}
