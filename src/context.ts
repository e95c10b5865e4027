import type { ContextRecord } from './directory.js'
import { checkCallOptions, checkEvalOptions } from './option-checks.js'
import type { CallOptions, EvalOptions } from './options.js'
import type { Supervisor } from './supervisor.js'

/** One isolated global scope in one of the service's processes. */
export class VmContext {
  readonly #supervisor: Supervisor
  readonly #record: ContextRecord

  /** @internal Contexts come from `VmService`. */
  constructor(supervisor: Supervisor, record: ContextRecord) {
    this.#supervisor = supervisor
    this.#record = record
  }

  get id(): string {
    return this.#record.id
  }

  /** Aborts, with the `VmInvalidContextError` as its reason, when the context is known to be gone. */
  get signal(): AbortSignal {
    return this.#record.signal
  }

  /** The slot of the ring that the context lives on. */
  get slot(): string {
    return this.#record.slot.name
  }

  /**
   * Runs a script in the context's global scope and resolves to its completion value; if that
   * is a promise, to what it settles to. Functions and symbols come back as undefined.
   * Rejects with a `VmError`, or with the reason of `options.signal`.
   */
  eval<T = unknown>(source: string, options?: EvalOptions): Promise<T> {
    // No async function, which would be a promise more for each call.
    try {
      const checked = checkEvalOptions(options)
      return this.#supervisor.evaluate(this.#record, source, checked) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Calls the function at a path from the global scope, such as `sum`, `Math.max` or
   * `a.b['c d']`, and resolves to what it returns; if that is a promise, to what it settles to.
   * Rejects with a `VmError`, or with the reason of `options.signal`.
   */
  call<T = unknown>(
    path: string,
    args: readonly unknown[] = [],
    options?: CallOptions,
  ): Promise<T> {
    // No async function, which would be a promise more for each call.
    try {
      const checked = checkCallOptions(options)
      return this.#supervisor.call(this.#record, path, args, checked) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Replaces the global scope by a new one and runs the start-up sources in it. When they
   * throw, the old one stays. Calls that wait for a promise of the old one are rejected.
   */
  async reset(): Promise<void> {
    await this.#supervisor.reset(this.#record)
  }

  /** Rejects with `VmInvalidContextError` when the context is gone already. */
  async destroy(): Promise<void> {
    await this.#supervisor.destroy(this.#record)
  }

  /** Destroys the context unless it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#record.state === 'gone') return
    await this.#supervisor.destroy(this.#record)
  }
}
