import { EventEmitter } from 'node:events'
import { checkString } from './checks.js'
import { VmContext } from './context.js'
import type { LatencyStats } from './latency.js'
import {
  checkCallOptions,
  checkCloseOptions,
  checkContextOptions,
  checkEnsureOptions,
  checkEvalOptions,
  checkServiceOptions,
} from './option-checks.js'
import type {
  CallOptions,
  CloseOptions,
  CreateContextOptions,
  EnsureContextOptions,
  EvalOptions,
  VmServiceOptions,
} from './options.js'
import { type ServiceState, Supervisor, type SupervisorEvents } from './supervisor.js'

const CLOSE_TIMEOUT = 5000

/** The events of a service, each with one argument. */
export type VmServiceEvents = {
  [E in keyof SupervisorEvents]: Parameters<SupervisorEvents[E]>
}

export type { ServiceState }

export interface SlotStats {
  readonly name: string
  readonly state: 'vacant' | 'occupied' | 'closed'
  /** How many processes the slot has had. */
  readonly generation: number
  readonly pid: number | undefined
  readonly contexts: number
  /** Calls that wait for their turn to be sent. */
  readonly waiting: number
  /** Calls its process has, those that wait for a promise included. */
  readonly inFlight: number
  /** The share of its time that its process had calls before it, over the last minute or two. */
  readonly utilization: number
}

export interface VmServiceStats {
  readonly state: ServiceState
  readonly contexts: number
  readonly waiting: number
  readonly inFlight: number
  /** Idle processes that are ready. */
  readonly spares: number
  /** Undefined when no call has ended in the last minute or two. */
  readonly latency: LatencyStats | undefined
  readonly slots: readonly SlotStats[]
}

/** A pool of OS processes that host JavaScript contexts, routed by a consistent hash ring. */
export class VmService extends EventEmitter<VmServiceEvents> {
  readonly #supervisor: Supervisor

  /**
   * Starts the processes; resolves when every slot answers. Rejects with `VmOptionError` before
   * anything is started; with `VmScriptError`, `VmTimeoutError` or `VmProcessError` when a
   * start-up source or a process fails, and leaves no process behind.
   */
  static async start(options?: VmServiceOptions): Promise<VmService> {
    const service = new VmService(options)
    await service.#supervisor.start()
    return service
  }

  private constructor(options: VmServiceOptions | undefined) {
    super()
    // A listener that throws must not cut short what the service is doing.
    const later =
      <E extends keyof SupervisorEvents>(name: E) =>
      (...event: VmServiceEvents[E]): void =>
        queueMicrotask(() => void (this as EventEmitter).emit(name, ...event))
    this.#supervisor = new Supervisor(checkServiceOptions(options), {
      processStart: later('processStart'),
      processExit: later('processExit'),
      contextLost: later('contextLost'),
      contextCollected: later('contextCollected'),
      degraded: later('degraded'),
      recovered: later('recovered'),
    })
  }

  /**
   * Makes a context. Rejects with `VmOptionError`, `VmContextExistsError`, `VmOverloadedError`,
   * `VmScriptError` when a start-up source throws, or another `VmError`.
   */
  async createContext(options?: CreateContextOptions): Promise<VmContext> {
    const record = await this.#supervisor.create(checkContextOptions(options))
    return new VmContext(this.#supervisor, record)
  }

  /**
   * The context of that ID: made when it isn't there, or is gone. Concurrent callers share one
   * creation, whose options are those of the first.
   */
  async ensureContext(options: EnsureContextOptions): Promise<VmContext> {
    const record = await this.#supervisor.ensure(checkEnsureOptions(options))
    return new VmContext(this.#supervisor, record)
  }

  /**
   * A handle for a known ID; does no I/O. The handle belongs to the context that has the ID
   * now, not to a later one. Throws `VmOptionError` or `VmInvalidContextError`.
   */
  context(id: string): VmContext {
    return new VmContext(this.#supervisor, this.#supervisor.find(checkString(id, 'id')))
  }

  /** `VmContext.eval` by ID. */
  eval<T = unknown>(id: string, source: string, options?: EvalOptions): Promise<T> {
    // No async function, which would be a promise more for each call.
    try {
      const checked = checkEvalOptions(options)
      return this.#supervisor.evaluate(this.#find(id), source, checked) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `VmContext.call` by ID. */
  call<T = unknown>(
    id: string,
    path: string,
    args: readonly unknown[] = [],
    options?: CallOptions,
  ): Promise<T> {
    // No async function, which would be a promise more for each call.
    try {
      const checked = checkCallOptions(options)
      return this.#supervisor.call(this.#find(id), path, args, checked) as Promise<T>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `VmContext.reset` by ID. */
  async resetContext(id: string): Promise<void> {
    await this.#supervisor.reset(this.#find(id))
  }

  /** `VmContext.destroy` by ID. */
  async destroyContext(id: string): Promise<void> {
    await this.#supervisor.destroy(this.#find(id))
  }

  stats(): VmServiceStats {
    const supervisor = this.#supervisor
    const slots = supervisor.slots().map((slot) => ({
      name: slot.name,
      state: slot.state,
      generation: slot.generation,
      pid: slot.pid,
      contexts: supervisor.registry.directory.of(slot).size,
      waiting: slot.waiting,
      inFlight: slot.inFlight,
      utilization: slot.utilization,
    }))
    return {
      state: supervisor.state,
      contexts: supervisor.registry.directory.size,
      waiting: slots.reduce((sum, slot) => sum + slot.waiting, 0),
      inFlight: slots.reduce((sum, slot) => sum + slot.inFlight, 0),
      spares: supervisor.spares,
      latency: supervisor.latency,
      slots,
    }
  }

  /**
   * Takes no further calls, lets those that are pending finish within `timeout`, then ends what
   * is left: it is rejected with `VmClosedError`. Resolves when every process has exited.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { force = false, timeout = CLOSE_TIMEOUT } = checkCloseOptions(options)
    await this.#supervisor.close(force ? 0 : timeout)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #find(id: string) {
    return this.#supervisor.find(checkString(id, 'id'))
  }
}
