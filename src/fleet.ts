import { type ExitInfo, VmClosedError } from './errors.js'
import type { CheckedServiceOptions } from './option-checks.js'
import { OwnProcesses } from './own-processes.js'
import { deferred } from './pool/deferred.js'
import type { Tally } from './pool/fair-queue.js'
import type { Mail } from './pool/mail.js'
import type { ProcessOptions } from './pool/process-options.js'
import { ProcessPool } from './pool/process-pool.js'
import { RestartPolicy } from './pool/restart-policy.js'
import { Slot, type SlotExit } from './pool/slot.js'
import { Quarantine } from './quarantine.js'
import { keyOf, mintBalancedId, mintId, Ring } from './ring/hash-ring.js'

/** The load of a slot that takes no context. */
const FULL = Number.POSITIVE_INFINITY

export interface FleetEvents {
  processStart(event: { slot: string; generation: number; pid: number }): void
  processExit(event: { slot: string; generation: number; exit: ExitInfo }): void
  degraded(event: { slot: string; retryAt: number; error: unknown }): void
  recovered(event: { slot: string }): void
}

export interface FleetOptions {
  readonly service: CheckedServiceOptions
  readonly process: ProcessOptions
  readonly events: FleetEvents
  /** Contexts on a slot. */
  readonly residents: (slot: Slot) => number
  /** The process of a slot died. Returns the contexts to blame. */
  readonly onExit: (slot: Slot, exit: SlotExit) => Blamed
  /** A process has destroyed a context for the memory it held. */
  readonly onEvicted: (slot: Slot, context: number) => void
  /** A script wants something of its host. */
  readonly onMail: (slot: Slot, mail: Mail) => void
}

/** Whose contexts brought a process down, by ID. */
export interface Blamed {
  readonly culprit: string | undefined
  /** When it is not known which of them it was. */
  readonly suspects: readonly string[]
}

/** The slots, on the ring and off it, and the processes in them. Knows IDs, not contexts. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #pool: ProcessPool
  readonly #ring: Ring
  readonly #slots = new Map<string, Slot>()
  readonly #waiting: Tally = { count: 0 }
  readonly #ownPool: ProcessPool
  readonly #own: OwnProcesses
  readonly #quarantinePool: ProcessPool
  readonly #quarantine: Quarantine
  /** Rejects with why a process did not start, for as long as that fails the service. */
  readonly #failure = deferred<never>()

  constructor(options: FleetOptions) {
    this.#options = options
    const { processes, spares, probation } = options.service
    this.#pool = this.#newPool(processes + spares, processes + spares)
    this.#ownPool = this.#newPool(0, processes)
    this.#own = new OwnProcesses({
      maxSlots: processes,
      newSlot: (name) => this.#newSlot(name, this.#ownPool),
      residents: options.residents,
    })
    this.#quarantinePool = this.#newPool(0, processes)
    this.#quarantine = new Quarantine({
      probation,
      maxSlots: processes,
      newSlot: (name) => this.#newSlot(name, this.#quarantinePool),
      residents: options.residents,
      now: () => performance.now(),
    })
    const names = Array.from({ length: processes }, (_, i) => `slot-${i}`)
    this.#ring = new Ring(names)
    for (const name of names) this.#slots.set(name, this.#newSlot(name, this.#pool))
  }

  /** Tasks that wait for their turn, in all slots. */
  get waiting(): number {
    return this.#waiting.count
  }

  /** Those of the ring, then those off it. */
  slots(): Slot[] {
    return [...this.#slots.values(), ...this.#own.slots(), ...this.#quarantine.slots()]
  }

  /** Idle processes that are ready. */
  get spares(): number {
    return this.#pool.spares
  }

  /** Resolves when every slot of the ring has a process; rejects when one can't be started. */
  async start(): Promise<void> {
    this.#pool.start()
    const filled = Promise.all([...this.#slots.values()].map((slot) => slot.fill()))
    await Promise.race([filled, this.#failure.promise])
  }

  /** An ID for a new context; without a key, on a slot with little load. */
  mint(key: string | undefined): string {
    if (key !== undefined) return mintId(key)
    const loadOf = (name: string): number => {
      const slot = this.#slots.get(name) as Slot
      return slot.pressure === undefined ? this.#options.residents(slot) : FULL
    }
    return mintBalancedId(this.#ring, loadOf, FULL)
  }

  /** The slot for a new context of that ID; `own`: of no other key. May throw `VmOverloadedError`. */
  slotOf(id: string, own = false): Slot {
    const key = keyOf(id)
    const apart = own ? this.#own.reserve(key) : this.#own.slotOf(key)
    if (apart) return apart
    return this.#quarantine.slotOf(key) ?? (this.#slots.get(this.#ring.slotOf(key)) as Slot)
  }

  /** Whether contexts of that ID have a process of their own. */
  isOwn(id: string): boolean {
    return this.#own.slotOf(keyOf(id)) !== undefined
  }

  /** Whether a context of that ID may have cost a process of late. */
  isSuspect(id: string): boolean {
    return this.#quarantine.isSuspect(keyOf(id))
  }

  /** Lets go of slots off the ring that nobody needs any more. */
  sweep(): void {
    this.sweepOwn()
    for (const slot of this.#quarantine.sweep()) void slot.retire(new VmClosedError())
  }

  /** Lets go of processes that were somebody's own. */
  sweepOwn(): void {
    for (const slot of this.#own.sweep()) void slot.retire(new VmClosedError())
  }

  /** Ends every process. Resolves when all have exited. */
  async close(): Promise<void> {
    for (const slot of this.slots()) slot.close(new VmClosedError())
    const pools = [this.#pool, this.#ownPool, this.#quarantinePool]
    await Promise.all(pools.map((pool) => pool.close()))
  }

  #newPool(min: number, max: number): ProcessPool {
    const { process, service } = this.#options
    const pool = new ProcessPool({
      min,
      max,
      process,
      policy: newPolicy(),
      logger: service.logger,
      onStartFailure: (error, retryAt) => {
        this.#failure.reject(error)
        for (const slot of this.slots()) if (slot.pool === pool) slot.degrade(retryAt, error)
      },
    })
    return pool
  }

  #newSlot(name: string, pool: ProcessPool): Slot {
    const { events, onEvicted, onMail } = this.#options
    return new Slot({
      name,
      pool,
      policy: newPolicy(),
      waiting: this.#waiting,
      onStart: (slot, pid, recovered) => this.#onStart(slot, pid, recovered),
      onExit: (slot, exit) => this.#onExit(slot, exit),
      onEvicted,
      onMail,
      onDegraded: (slot, retryAt, error) => events.degraded({ slot: slot.name, retryAt, error }),
    })
  }

  #onStart(slot: Slot, pid: number, recovered: boolean): void {
    const { service, events } = this.#options
    const event = { slot: slot.name, generation: slot.generation, pid }
    service.logger.debug(event, 'process started')
    events.processStart(event)
    if (recovered) events.recovered({ slot: slot.name })
  }

  #onExit(slot: Slot, slotExit: SlotExit): void {
    const { service, events, onExit } = this.#options
    const event = { slot: slot.name, generation: slotExit.generation, exit: slotExit.exit }
    service.logger[slotExit.exit.cause === 'killed' ? 'info' : 'warn'](event, 'process exited')
    events.processExit(event)
    const { culprit, suspects } = onExit(slot, slotExit)
    if (culprit !== undefined) this.#quarantine.offended(keyOf(culprit))
    for (const id of suspects) this.#quarantine.suspected(keyOf(id))
  }
}

function newPolicy(): RestartPolicy {
  return new RestartPolicy({ now: Date.now, random: Math.random })
}
