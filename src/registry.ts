import type { Calls } from './calls.js'
import { Collector } from './collector.js'
import { type ContextInit, ContextRecord, Directory } from './directory.js'
import { type ExitInfo, type InvalidReason, type Role, VmProcessError } from './errors.js'
import type { Blamed } from './fleet.js'
import type { Slot, SlotExit } from './pool/slot.js'

/** Times a creation is tried while other contexts bring its process down. */
const CREATE_TRIES = 3

/** Contexts that nobody knows, destroyed in one sweep: a process may claim to hold any number. */
const SWEEP_LIMIT = 1000

export interface RegistryEvents {
  contextLost(event: {
    contexts: { id: string; role: Role }[]
    slot: string
    generation: number
    exit: ExitInfo
  }): void
  contextCollected(event: { id: string; reason: InvalidReason }): void
}

/** The life of every context: made, destroyed, collected, lost with its process. */
export class Registry {
  readonly directory = new Directory()
  readonly #calls: Calls
  readonly #events: RegistryEvents
  readonly #collector = new Collector((record, reason) => {
    void this.discard(record, reason)
    this.#events.contextCollected({ id: record.id, reason })
  })

  constructor(calls: Calls, events: RegistryEvents) {
    this.#calls = calls
    this.#events = events
  }

  /** Makes a context, of what `init` says at each try. */
  async create(init: () => ContextInit, owner: object | undefined): Promise<ContextRecord> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#make(init(), owner)
      } catch (error) {
        // Another context brought the process down; nothing of this one has been seen yet.
        const collateral = error instanceof VmProcessError && error.role === 'collateral'
        if (!collateral || tries === CREATE_TRIES) throw error
      }
    }
  }

  async #make(init: ContextInit, owner: object | undefined): Promise<ContextRecord> {
    const record = new ContextRecord(init)
    this.directory.add(record)
    record.creation = this.#calls.create(record)
    if (owner) this.#collector.watchOwner(record, owner)
    try {
      await record.creation.done
    } catch (error) {
      // Whoever ended it in the meantime knew a better reason.
      if (record.state === 'gone' && record.reason !== 'process-exit') throw record.error()
      this.directory.remove(record, 'unknown')
      throw error
    }
    if (record.state === 'gone') throw record.error()
    this.#collector.watchIdle(record)
    return record
  }

  /** Ends a context from this side, whatever it is at. Resolves when its process has let go. */
  async discard(record: ContextRecord, reason: InvalidReason): Promise<void> {
    const { creation, state, slot } = record
    this.directory.remove(record, reason)
    slot.drop(record.number, record.error())
    if (state === 'live') await this.#calls.destroy(slot, record.number)
    else if (creation) slot.withdraw(creation.task, record.error())
  }

  /** Destroys contexts that the slot's process holds and nobody here knows. */
  sweep(slot: Slot): void {
    void this.#calls.inventory(slot).then((numbers) => {
      const known = this.directory.of(slot)
      const strangers = new Set(numbers.filter((number) => !known.has(number)))
      for (const number of [...strangers].slice(0, SWEEP_LIMIT)) {
        void this.#calls.destroy(slot, number)
      }
    })
  }

  /** The process has destroyed a context for the memory it held. */
  evicted(slot: Slot, number: number): void {
    const record = this.directory.of(slot).get(number)
    if (record) this.vanished(record, 'memory')
  }

  /** The process turns out not to hold a context any more. */
  vanished(record: ContextRecord, reason: 'memory' | 'unknown'): void {
    this.directory.remove(record, reason)
    record.slot.drop(record.number, record.error())
    this.#events.contextCollected({ id: record.id, reason })
  }

  /** The process of a slot died, with every context it held. Returns the IDs of those to blame. */
  lost(slot: Slot, { exit, generation, culprit, suspects }: SlotExit): Blamed {
    const contexts: { id: string; role: Role }[] = []
    const ids = new Map<number, string>()
    for (const record of [...this.directory.of(slot).values()]) {
      // Its creation has not been sent: the slot's next process will serve it.
      if (record.state === 'creating' && record.creation?.task.state === 'waiting') continue
      const role = record.number === culprit ? 'culprit' : 'collateral'
      if (record.state === 'live') contexts.push({ id: record.id, role })
      ids.set(record.number, record.id)
      this.directory.remove(record, 'process-exit')
      slot.drop(record.number, record.error())
    }
    if (contexts.length > 0) {
      this.#events.contextLost({ contexts, slot: slot.name, generation, exit })
    }
    // It may have been gone before.
    const idOf = (number = 0) => ids.get(number) ?? this.directory.idOfGone(number, slot)
    const known = suspects.map(idOf).filter((id) => id !== undefined)
    return { culprit: idOf(culprit), suspects: known }
  }

  /** The service closes. */
  close(): void {
    for (const record of this.directory.all()) this.directory.remove(record, 'service-closed')
  }
}
