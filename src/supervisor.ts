import { CallPaths } from './call-path.js'
import { Calls } from './calls.js'
import { isAbortSignal } from './checks.js'
import { consoleSink } from './console-sink.js'
import type { ContextRecord } from './directory.js'
import {
  VmClosedError,
  VmContextExistsError,
  VmInvalidContextError,
  VmMemoryError,
  VmOptionError,
  VmOverloadedError,
} from './errors.js'
import { Fleet, type FleetEvents } from './fleet.js'
import { Guests } from './guests.js'
import { type HostFunctions, listFunctions, type NamedFunction } from './host-functions.js'
import { KeepAlive } from './keep-alive.js'
import type { LatencyStats } from './latency.js'
import { Marshal } from './marshal.js'
import type { CheckedServiceOptions } from './option-checks.js'
import type { CallOptions, CreateContextOptions, EvalOptions } from './options.js'
import { Lifecycle, type Transitions } from './pool/lifecycle.js'
import { Sandbox } from './pool/sandbox.js'
import type { Slot } from './pool/slot.js'
import { processOptions } from './process-setup.js'
import { Registry, type RegistryEvents } from './registry.js'
import { loadSources } from './sources.js'
import { Op } from './wire/protocol.js'

/** Between two comparisons of what a process holds with what it should, in milliseconds. */
const SWEEP_INTERVAL = 30_000

export type ServiceState = 'starting' | 'open' | 'draining' | 'closed'
const SERVICE_TRANSITIONS: Transitions<ServiceState> = {
  starting: ['open', 'closed'],
  open: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
}

/** What the service tells its user; see `VmServiceEvents`. */
export type SupervisorEvents = FleetEvents & RegistryEvents

/** Routes contexts over the ring to slots, and knows every context there is. */
export class Supervisor {
  readonly #options: CheckedServiceOptions
  readonly #life = new Lifecycle<ServiceState>(SERVICE_TRANSITIONS, 'starting')
  readonly #sandbox: Sandbox
  readonly #fleet: Fleet
  readonly #marshal: Marshal
  readonly #paths = new CallPaths()
  readonly #calls: Calls
  readonly #keepAlive = new KeepAlive()
  #sweeper: NodeJS.Timeout | undefined
  #lastNumber = 0
  /** Creations that callers of `ensure` share, by ID. */
  readonly #ensuring = new Map<string, Promise<ContextRecord>>()
  readonly registry: Registry
  readonly #functions: readonly NamedFunction[]
  readonly #guests: Guests

  constructor(options: CheckedServiceOptions, events: SupervisorEvents) {
    this.#options = options
    const { sandbox: mode, user, execPath, logger } = options
    this.#sandbox = new Sandbox({ mode, user, execPath, logger })
    this.#marshal = new Marshal(options.maxSourceSize, options.memoryLimit)
    this.#calls = new Calls({
      service: options,
      marshal: this.#marshal,
      keepAlive: this.#keepAlive,
      waiting: () => this.#fleet.waiting,
      onUnknown: (record) => this.registry.vanished(record, 'unknown'),
      onReset: (record) => this.#guests.reset(record),
    })
    this.registry = new Registry(this.#calls, events)
    this.#functions = listFunctions(options.functions)
    this.#guests = new Guests({
      functions: this.#functions,
      limits: options.hostCalls,
      marshal: this.#marshal,
      console: consoleSink(options.console, logger),
      find: (slot, number) => this.registry.directory.of(slot).get(number),
      missing: (slot, number) => {
        const { directory } = this.registry
        return directory.missing(directory.idOfGone(number, slot) ?? '')
      },
      logger,
      maxSize: options.maxSourceSize,
    })
    this.#fleet = new Fleet({
      service: options,
      events,
      process: processOptions(options, this.#functions, this.#marshal, this.#sandbox),
      residents: (slot) => this.registry.directory.of(slot).size,
      onExit: (slot, exit) => this.registry.lost(slot, exit),
      onEvicted: (slot, context) => this.registry.evicted(slot, context),
      onMail: (slot, mail) => this.#guests.receive(slot, mail),
    })
  }

  get state(): ServiceState {
    return this.#life.state
  }

  /** Resolves when every slot has a process; rejects, with every process gone, when one can't. */
  async start(): Promise<void> {
    this.#keepAlive.hold()
    try {
      await this.#sandbox.prepare()
      await this.#fleet.start()
      this.#life.to('open')
    } catch (error) {
      await this.#end()
      throw error
    } finally {
      this.#keepAlive.release()
    }
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL).unref()
  }

  async create(options: CreateContextOptions): Promise<ContextRecord> {
    this.#mustBeOpen()
    const id = options.id ?? this.#fleet.mint(options.key)
    const { maxContexts, maxSourceSize, contextIdleTimeout, timeout, memoryLimit } = this.#options
    if (this.registry.directory.size >= maxContexts)
      throw new VmOverloadedError('contexts', maxContexts)
    const { owner } = options
    const { directory } = this.registry
    if (isAbortSignal(owner) && owner.aborted) throw new VmInvalidContextError(id, 'owner-gone')
    const sources = loadSources(options.init ?? [], maxSourceSize)
    const functions = this.#ownFunctions(options.functions)
    return await this.registry.create(() => {
      // Looked at again at every try: somebody else may have made it in between.
      if (directory.get(id)) throw new VmContextExistsError(id)
      const slot = this.#fleet.slotOf(id, options.ownProcess)
      if (slot.pressure !== undefined) throw new VmMemoryError(memoryLimit, slot.pressure)
      return {
        id,
        number: this.#nextNumber(),
        slot,
        timeout: options.timeout ?? timeout,
        idleTimeout: options.idleTimeout ?? contextIdleTimeout,
        sources,
        functions,
        apart: this.#fleet.isSuspect(id),
        // Once everything that waits there has been told.
        onEnd: this.#fleet.isOwn(id)
          ? () => queueMicrotask(() => this.#fleet.sweepOwn())
          : undefined,
      }
    }, owner)
  }

  /** The context of that ID: the one that is there, or is being made, or a new one. */
  async ensure(options: CreateContextOptions & { id: string }): Promise<ContextRecord> {
    for (;;) {
      this.#mustBeOpen()
      const known = this.registry.directory.get(options.id)
      if (known?.state === 'live') return known
      const shared = this.#ensuring.get(options.id)
      if (!shared && !known) break
      try {
        // By `create` it is made for somebody else; by `ensure`, for everyone.
        if (!shared) await known?.creation?.done
        else return await shared
      } catch (error) {
        // One that was given up while it was made says nothing of the next.
        if (shared && !(error instanceof VmInvalidContextError)) throw error
      }
    }
    const ensuring = this.create(options).finally(() => this.#ensuring.delete(options.id))
    this.#ensuring.set(options.id, ensuring)
    return await ensuring
  }

  /** Throws `VmInvalidContextError` when there is none. */
  find(id: string): ContextRecord {
    const record = this.registry.directory.get(id)
    if (!record) throw this.registry.directory.missing(id)
    return record
  }

  /** Throws, or returns the promise of the result: every layer more would cost each call a promise. */
  evaluate(record: ContextRecord, source: unknown, options: EvalOptions): Promise<unknown> {
    this.#mustBeOpen()
    const request = {
      op: Op.evaluate,
      timeout: options.timeout ?? record.timeout,
      source: this.#marshal.source(source),
      filename: options.filename ?? 'vm:eval',
      discard: options.discardResult ?? false,
    } as const
    return this.#calls.run(record, request, options.signal)
  }

  /** Throws, or returns the promise of the result. */
  call(
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
      args: this.#marshal.arguments(args),
      apart: record.apart,
    } as const
    return this.#calls.run(record, request, options.signal)
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
    return this.#fleet.slots()
  }

  get latency(): LatencyStats | undefined {
    return this.#calls.latency
  }

  /** Idle processes that are ready. */
  get spares(): number {
    return this.#fleet.spares
  }

  /** Lets pending calls finish for at most `timeout` ms, then ends what is left. */
  async close(timeout: number): Promise<void> {
    this.#keepAlive.hold()
    if (this.state === 'open') this.#life.to('draining')
    // Of several closes at a time the most impatient decides.
    if (this.state === 'draining') await this.#calls.drained(timeout)
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
    for (const slot of this.slots()) slot.failAll(new VmClosedError())
    this.registry.close()
    await this.#fleet.close()
    this.#keepAlive.end()
  }

  #ownFunctions(given: HostFunctions = {}): readonly NamedFunction[] {
    const shared = this.#functions.find(({ name }) => Object.hasOwn(given, name))
    if (!shared) return listFunctions(given)
    const option = `options.functions.${shared.name}`
    throw new VmOptionError(option, "a name that is none of the service's", shared.name)
  }

  #mustBeOpen(): void {
    if (this.state !== 'open') throw new VmClosedError()
  }

  #nextNumber(): number {
    this.#lastNumber = (this.#lastNumber % 0xffff_ffff) + 1
    return this.#lastNumber
  }

  #sweep(): void {
    for (const slot of this.slots()) this.registry.sweep(slot)
    this.#fleet.sweep()
  }
}
