import { setTimeout as delay } from 'node:timers/promises'
import { type VmContext, VmError, VmInvalidContextError, type VmService } from '../index.js'
import type { BenchOptions } from './bench-options.js'
import { Latency } from './latency.js'

/** How long a lane waits when no context can be had, in ms. */
const RETRY = 50

export interface Failure {
  count: number
  /** The first one's. */
  readonly message: string
}

/** Calls that are kept in flight, each followed by the next, and what became of them. */
export class Load {
  readonly latency = new Latency()
  /** By `code`. */
  readonly failures = new Map<string, Failure>()
  readonly #service: VmService
  readonly #options: BenchOptions
  readonly #args: readonly unknown[]
  readonly #contexts: Promise<VmContext>[] = []
  #recording = false
  #start = 0
  #end: number | undefined

  constructor(service: VmService, options: BenchOptions) {
    this.#service = service
    this.#options = options
    const { args, payload } = options
    this.#args = payload > 0 ? [...args, new Uint8Array(payload).fill(7)] : args
  }

  /** Makes the contexts. */
  async prepare(): Promise<void> {
    for (let i = 0; i < this.#options.contexts; i++) this.#contexts.push(this.#create())
    await Promise.all(this.#contexts)
  }

  /** Calls until the time is over or the signal aborts. What is in flight then is not waited for. */
  async run(signal: AbortSignal): Promise<void> {
    const { warmup, duration, concurrency } = this.#options
    const over = new AbortController()
    for (let lane = 0; lane < concurrency; lane++) void this.#lane(lane, over.signal)
    await pause(warmup, signal)
    this.#begin()
    await pause(duration, signal)
    this.#end = performance.now()
    this.#recording = false
    over.abort()
  }

  /** Of the measured part so far, in seconds. */
  get elapsed(): number {
    if (this.#start === 0) return 0
    return ((this.#end ?? performance.now()) - this.#start) / 1000
  }

  get failed(): number {
    return [...this.failures.values()].reduce((sum, { count }) => sum + count, 0)
  }

  #begin(): void {
    this.#start = performance.now()
    this.#recording = true
  }

  /** One call after the other; the lanes go round the contexts. */
  async #lane(first: number, over: AbortSignal): Promise<void> {
    const { concurrency, contexts } = this.#options
    for (let i = first; !over.aborted; i += concurrency) {
      const at = i % contexts
      try {
        const context = await (this.#contexts[at] as Promise<VmContext>)
        const before = performance.now()
        await context.call(this.#options.function, this.#args)
        if (this.#recording) this.latency.record(performance.now() - before)
      } catch (error) {
        if (!over.aborted) await this.#failed(error, at)
      }
    }
  }

  async #failed(error: unknown, at: number): Promise<void> {
    if (this.#recording) {
      const code = error instanceof VmError ? error.code : (error as Error).name
      const failure = this.failures.get(code)
      if (failure) failure.count++
      else this.failures.set(code, { count: 1, message: (error as Error).message })
    }
    const context = await this.#contexts[at]?.catch(() => undefined)
    // A call without a context has taken no time at all: not to be repeated at once for ever.
    if (context === undefined || error instanceof VmInvalidContextError) await delay(RETRY)
    if (context === undefined || context.signal.aborted) this.#replace(at, context)
  }

  /** Of the lanes that have lost one context, the first one asks for another. */
  #replace(at: number, lost: VmContext | undefined): void {
    const current = this.#contexts[at]
    void current?.then(
      (context) => context === lost && this.#renew(at, current),
      () => this.#renew(at, current),
    )
  }

  #renew(at: number, instead: Promise<VmContext>): void {
    if (this.#contexts[at] === instead) this.#contexts[at] = this.#create()
  }

  #create(): Promise<VmContext> {
    const created = this.#service.createContext({ timeout: this.#options.timeout })
    // Whoever calls in it is told.
    created.catch(() => {})
    return created
  }
}

/** Resolves after so many seconds, or when the signal aborts. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal }).catch(() => {})
}
