import { setTimeout as delay } from 'node:timers/promises'
import { createPool, type Pool } from 'generic-pool'
import type { Logger } from 'pino'
import type { ProcessOptions } from './process-options.js'
import type { RestartPolicy } from './restart-policy.js'
import { VmProcess } from './vm-process.js'

export interface ProcessPoolOptions {
  /** Processes kept at any time: what dies is replaced at once. */
  readonly min: number
  /** Processes there may be; those past `min` are started when they are leased. */
  readonly max: number
  readonly process: ProcessOptions
  readonly policy: RestartPolicy
  readonly logger: Logger
  /** A process could not be started; the next try is at `retryAt`. */
  readonly onStartFailure: (error: unknown, retryAt: number) => void
}

/**
 * Starts, validates and destroys processes, and keeps the spares warm. A lender of long leases:
 * a slot holds a process for as long as it lives.
 */
export class ProcessPool {
  readonly #options: ProcessPoolOptions
  readonly #pool: Pool<VmProcess>
  /** Every process that has not exited, those that are starting included. */
  readonly #alive = new Set<VmProcess>()
  readonly #closing = new AbortController()

  constructor(options: ProcessPoolOptions) {
    this.#options = options
    this.#pool = createPool<VmProcess>(
      {
        create: () => this.#create(),
        destroy: (process) => this.#destroy(process),
        validate: async (process) => process.state === 'ready',
      },
      { min: options.min, max: options.max, testOnBorrow: true, autostart: false },
    )
  }

  /** Idle processes that are ready. */
  get spares(): number {
    return this.#pool.available
  }

  /** When the next process may be started, in milliseconds of `Date.now()`. */
  get retryAt(): number {
    return this.#options.policy.retryAt
  }

  start(): void {
    this.#pool.start()
  }

  /** The next process that is ready. While starts fail, it takes until one succeeds. */
  async lease(): Promise<VmProcess> {
    return await this.#pool.acquire()
  }

  /** Ends a leased process; another is started in its place. */
  async retire(process: VmProcess): Promise<void> {
    await this.#pool.destroy(process)
  }

  /** Ends every process. Resolves when all have exited. */
  async close(): Promise<void> {
    this.#closing.abort()
    // Draining stops replacements. What it waits for, leases that come back, is not awaited:
    // every process is ended here whoever holds it.
    void this.#pool.drain()
    const exits = [...this.#alive].map((process) => this.#destroy(process))
    await Promise.all(exits)
  }

  /**
   * generic-pool asks again at once when a creation fails and somebody waits, for ever. So this
   * does not fail: it backs off, reports and tries again, and once the pool closes it does not
   * settle any more.
   */
  async #create(): Promise<VmProcess> {
    const { policy, onStartFailure, logger } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      const wait = policy.retryAt - Date.now()
      if (wait > 0) await delay(wait, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) break
      const begun = Date.now()
      try {
        const process = await this.#start()
        policy.succeeded()
        return process
      } catch (error) {
        if (signal.aborted) break
        policy.failed(begun)
        logger.error({ err: error, retryAt: policy.retryAt }, 'a process did not start')
        onStartFailure(error, policy.retryAt)
      }
    }
    return await new Promise<never>(() => {})
  }

  async #start(): Promise<VmProcess> {
    const process = new VmProcess(this.#options.process)
    this.#alive.add(process)
    void process.exited.then(() => {
      this.#alive.delete(process)
      if (!this.#pool.isBorrowedResource(process)) this.#sweep()
    })
    await process.ready()
    return process
  }

  async #destroy(process: VmProcess): Promise<void> {
    process.kill('killed')
    await process.exited
  }

  /**
   * A process that died while idle must leave the pool too, or the spare is missing when it is
   * needed. Borrowing is what validates: so all idle ones are borrowed for a moment.
   */
  #sweep(): void {
    if (this.#closing.signal.aborted) return
    for (let idle = this.#pool.available; idle > 0; idle--) {
      this.#pool.acquire().then(
        (process) => this.#pool.release(process),
        () => {},
      )
    }
  }
}
