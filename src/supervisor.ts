import { CallPaths } from './call-path.js'
import { Calls } from './calls.js'
import type { ContextRecord } from './directory.js'
import {
  type ExitInfo,
  VmClosedError,
  VmContextExistsError,
  VmMemoryError,
  VmOverloadedError,
} from './errors.js'
import { KeepAlive } from './keep-alive.js'
import { MAX_DEPTH, Marshal } from './marshal.js'
import {
  type CallOptions,
  type Checked,
  type CreateContextOptions,
  type EvalOptions,
  loadSources,
  type VmServiceOptions,
} from './options.js'
import { deferred } from './pool/deferred.js'
import { Lifecycle, type Transitions } from './pool/lifecycle.js'
import { ProcessPool } from './pool/process-pool.js'
import { RestartPolicy } from './pool/restart-policy.js'
import { Slot, type SlotExit } from './pool/slot.js'
import { Registry, type RegistryEvents } from './registry.js'
import { keyOf, mintBalancedId, mintId, Ring } from './ring/hash-ring.js'
import { Op } from './wire/protocol.js'

/** Of a request's payload beyond its source or arguments, in bytes. */
const PAYLOAD_SLACK = 64 * 1024
/** Between two comparisons of what a process holds with what it should, in milliseconds. */
const SWEEP_INTERVAL = 30_000

/** The load of a slot that takes no context. */
const FULL = Number.POSITIVE_INFINITY

export type ServiceState = 'starting' | 'open' | 'draining' | 'closed'
const SERVICE_TRANSITIONS: Transitions<ServiceState> = {
  starting: ['open', 'closed'],
  open: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
}

/** What the service tells its user; see `VmServiceEvents`. */
export interface SupervisorEvents extends RegistryEvents {
  processStart(event: { slot: string; generation: number; pid: number }): void
  processExit(event: { slot: string; generation: number; exit: ExitInfo }): void
  degraded(event: { slot: string; retryAt: number; error: unknown }): void
  recovered(event: { slot: string }): void
}

/** Routes contexts over the ring to slots, and knows every context there is. */
export class Supervisor {
  readonly #options: Checked<VmServiceOptions>
  readonly #events: SupervisorEvents
  readonly #life = new Lifecycle<ServiceState>(SERVICE_TRANSITIONS, 'starting')
  readonly #pool: ProcessPool
  readonly #ring: Ring
  readonly #slots = new Map<string, Slot>()
  readonly #marshal: Marshal
  readonly #paths = new CallPaths()
  readonly #calls: Calls
  readonly #keepAlive = new KeepAlive()
  readonly #startFailure = deferred<never>()
  #sweeper: NodeJS.Timeout | undefined
  #lastNumber = 0
  readonly registry: Registry

  constructor(options: Checked<VmServiceOptions>, events: SupervisorEvents) {
    this.#options = options
    this.#events = events
    const { maxSourceSize, logger } = options
    this.#marshal = new Marshal(maxSourceSize, options.memoryLimit)
    this.#calls = new Calls({
      service: options,
      marshal: this.#marshal,
      keepAlive: this.#keepAlive,
      waiting: () => this.slots().reduce((sum, slot) => sum + slot.waiting, 0),
      onUnknown: (record) => this.registry.vanished(record, 'unknown'),
    })
    this.registry = new Registry(this.#calls, events)
    this.#pool = new ProcessPool({
      size: options.processes + options.spares,
      logger,
      policy: new RestartPolicy({ now: Date.now, random: Math.random }),
      onStartFailure: (error, retryAt) => this.#onStartFailure(error, retryAt),
      process: {
        execPath: options.execPath,
        execArgv: options.execArgv,
        worker: {
          memoryLimit: options.memoryLimit,
          maxDepth: MAX_DEPTH,
          maxNodes: maxSourceSize,
          maxPayload: maxSourceSize + PAYLOAD_SLACK,
          maxResult: maxSourceSize,
        },
        init: loadSources(options.init, maxSourceSize),
        initTimeout: options.timeout,
        killGrace: options.killGrace,
        scriptError: (reply) => this.#marshal.scriptError(reply),
        logger,
      },
    })
    const names = Array.from({ length: options.processes }, (_, i) => `slot-${i}`)
    this.#ring = new Ring(names)
    for (const name of names) this.#slots.set(name, this.#newSlot(name))
  }

  get state(): ServiceState {
    return this.#life.state
  }

  /** Resolves when every slot has a process; rejects, with every process gone, when one can't. */
  async start(): Promise<void> {
    this.#keepAlive.hold()
    this.#pool.start()
    try {
      const filled = Promise.all([...this.#slots.values()].map((slot) => slot.fill()))
      await Promise.race([filled, this.#startFailure.promise])
      this.#life.to('open')
    } catch (error) {
      await this.#end()
      throw error
    } finally {
      this.#keepAlive.release()
    }
    this.#sweeper = setInterval(() => {
      for (const slot of this.#slots.values()) this.registry.sweep(slot)
    }, SWEEP_INTERVAL).unref()
  }

  async create(options: CreateContextOptions): Promise<ContextRecord> {
    this.#mustBeOpen()
    const id = options.id ?? this.#mint(options.key)
    if (this.registry.directory.get(id)) throw new VmContextExistsError(id)
    const { maxContexts, maxSourceSize, contextIdleTimeout, timeout, memoryLimit } = this.#options
    if (this.registry.directory.size >= maxContexts)
      throw new VmOverloadedError('contexts', maxContexts)
    const slot = this.#slotOf(id)
    if (slot.pressure !== undefined) throw new VmMemoryError(memoryLimit, slot.pressure)
    return await this.registry.create(
      {
        id,
        number: this.#nextNumber(),
        slot,
        timeout: options.timeout ?? timeout,
        idleTimeout: options.idleTimeout ?? contextIdleTimeout,
        sources: loadSources(options.init ?? [], maxSourceSize),
      },
      options.owner,
    )
  }

  /** The context of that ID: the one that is there, or is being made, or a new one. */
  async ensure(options: CreateContextOptions & { id: string }): Promise<ContextRecord> {
    this.#mustBeOpen()
    const known = this.registry.directory.get(options.id)
    if (!known) return await this.create(options)
    await known.creation?.done
    return known
  }

  /** Throws `VmInvalidContextError` when there is none. */
  find(id: string): ContextRecord {
    const record = this.registry.directory.get(id)
    if (!record) throw this.registry.directory.missing(id)
    return record
  }

  async evaluate(record: ContextRecord, source: unknown, options: EvalOptions): Promise<unknown> {
    this.#mustBeOpen()
    const request = {
      op: Op.evaluate,
      timeout: options.timeout ?? record.timeout,
      source: this.#marshal.source(source),
      filename: options.filename ?? 'vm:eval',
      discard: options.discardResult ?? false,
    } as const
    return await this.#calls.run(record, request, options.signal)
  }

  async call(
    record: ContextRecord,
    path: unknown,
    args: unknown,
    options: CallOptions,
  ): Promise<unknown> {
    this.#mustBeOpen()
    const request = {
      op: Op.call,
      timeout: options.timeout ?? record.timeout,
      path: this.#paths.parse(path),
      ...this.#marshal.arguments(args),
    } as const
    return await this.#calls.run(record, request, options.signal)
  }

  async reset(record: ContextRecord): Promise<void> {
    this.#mustBeOpen()
    await this.#calls.run(record, { op: Op.reset, timeout: record.timeout }, undefined)
  }

  async destroy(record: ContextRecord): Promise<void> {
    this.#mustBeOpen()
    if (record.state === 'gone') throw record.error()
    await this.registry.discard(record, 'destroyed')
  }

  slots(): Slot[] {
    return [...this.#slots.values()]
  }

  get spares(): number {
    return this.#pool.spares
  }

  /** Lets pending calls finish for at most `timeout` ms, then ends what is left. */
  async close(timeout: number): Promise<void> {
    this.#keepAlive.hold()
    if (this.state === 'open') {
      this.#life.to('draining')
      await this.#calls.drained(timeout)
    }
    await this.#end()
    this.#keepAlive.release()
  }

  #ending: Promise<void> | undefined

  #end(): Promise<void> {
    this.#ending ??= this.#endOnce()
    return this.#ending
  }

  async #endOnce(): Promise<void> {
    this.#life.to('closed')
    clearInterval(this.#sweeper)
    this.#calls.close(new VmClosedError())
    this.registry.close()
    for (const slot of this.#slots.values()) slot.close(new VmClosedError())
    await this.#pool.close()
    this.#keepAlive.end()
  }

  #mustBeOpen(): void {
    if (this.state !== 'open') throw new VmClosedError()
  }

  #mint(key: string | undefined): string {
    if (key !== undefined) return mintId(key)
    const loadOf = (name: string): number => {
      const slot = this.#slots.get(name) as Slot
      return slot.pressure === undefined ? this.registry.directory.of(slot).size : FULL
    }
    return mintBalancedId(this.#ring, loadOf, FULL)
  }

  #slotOf(id: string): Slot {
    return this.#slots.get(this.#ring.slotOf(keyOf(id))) as Slot
  }

  #nextNumber(): number {
    this.#lastNumber = (this.#lastNumber % 0xffff_ffff) + 1
    return this.#lastNumber
  }

  #newSlot(name: string): Slot {
    return new Slot({
      name,
      pool: this.#pool,
      onStart: (slot, pid, recovered) => this.#onStart(slot, pid, recovered),
      onExit: (slot, exit) => this.#onExit(slot, exit),
      onEvicted: (slot, context) => this.registry.evicted(slot, context),
    })
  }

  #onStart(slot: Slot, pid: number, recovered: boolean): void {
    const { generation, name } = slot
    this.#options.logger.debug({ slot: name, generation, pid }, 'process started')
    this.#events.processStart({ slot: name, generation, pid })
    if (recovered) this.#events.recovered({ slot: name })
  }

  #onExit(slot: Slot, slotExit: SlotExit): void {
    const { exit, generation } = slotExit
    const event = { slot: slot.name, generation, exit }
    this.#options.logger.warn(event, 'process exited')
    this.#events.processExit(event)
    this.registry.lost(slot, slotExit)
  }

  #onStartFailure(error: unknown, retryAt: number): void {
    if (this.state === 'starting') return this.#startFailure.reject(error)
    for (const slot of this.#slots.values()) {
      if (!slot.degrade(retryAt, error)) continue
      this.#events.degraded({ slot: slot.name, retryAt, error })
    }
  }
}
