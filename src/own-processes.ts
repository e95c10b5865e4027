import { VmOverloadedError } from './errors.js'
import type { Slot } from './pool/slot.js'

export interface OwnProcessesOptions {
  /** Slots there may be. */
  readonly maxSlots: number
  readonly newSlot: (name: string) => Slot
  /** Contexts on a slot. */
  readonly residents: (slot: Slot) => number
}

/** Keys whose contexts have a process of their own, off the ring, because their owner wants it so. */
export class OwnProcesses {
  readonly #options: OwnProcessesOptions
  readonly #slots = new Map<string, Slot>()
  #names = 0

  constructor(options: OwnProcessesOptions) {
    this.#options = options
  }

  slots(): Slot[] {
    return [...this.#slots.values()]
  }

  /** The slot of a key that has one. */
  slotOf(key: string): Slot | undefined {
    return this.#slots.get(key)
  }

  /** The same, made if there is none. Throws `VmOverloadedError`. */
  reserve(key: string): Slot {
    const known = this.#slots.get(key)
    if (known) return known
    const { maxSlots, newSlot } = this.#options
    if (this.#slots.size >= maxSlots) throw new VmOverloadedError('processes', maxSlots)
    const slot = newSlot(`own-${this.#names++}`)
    this.#slots.set(key, slot)
    void slot.fill().catch(() => {})
    return slot
  }

  /** Takes out the slots that hold nothing any more, for the caller to retire. */
  sweep(): Slot[] {
    const empty: Slot[] = []
    for (const [key, slot] of this.#slots) {
      if (this.#options.residents(slot) > 0) continue
      this.#slots.delete(key)
      empty.push(slot)
    }
    return empty
  }
}
