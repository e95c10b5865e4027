import type { Slot } from './pool/slot.js'

export interface QuarantineOptions {
  /** How long an offender is kept apart after its last offence, in milliseconds; 0: never. */
  readonly probation: number
  /** Slots there may be; past that, offenders share them. */
  readonly maxSlots: number
  readonly newSlot: (name: string) => Slot
  /** Contexts on a slot. */
  readonly residents: (slot: Slot) => number
  /** The current time in milliseconds, monotonic. */
  readonly now: () => number
}

/**
 * Keys whose context cost a process. Until they have behaved for a while, their next contexts
 * live in a process of their own, off the ring, where they can cost nobody else's.
 */
export class Quarantine {
  readonly #options: QuarantineOptions
  readonly #releaseAt = new Map<string, number>()
  /** Until when it is of interest whose turn a process ends in. */
  readonly #suspectUntil = new Map<string, number>()
  readonly #slots = new Map<string, Slot>()
  #names = 0

  constructor(options: QuarantineOptions) {
    this.#options = options
  }

  slots(): Slot[] {
    return [...new Set(this.#slots.values())]
  }

  /** A context of the key has cost its process. */
  offended(key: string): void {
    const { probation, now } = this.#options
    if (probation > 0) this.#releaseAt.set(key, now() + probation)
  }

  /** A context of the key may have cost its process. */
  suspected(key: string): void {
    const { probation, now } = this.#options
    if (probation > 0) this.#suspectUntil.set(key, now() + probation)
  }

  isSuspect(key: string): boolean {
    return (this.#suspectUntil.get(key) ?? 0) > this.#options.now()
  }

  /** Where the next context of an offender goes; undefined for everybody else. */
  slotOf(key: string): Slot | undefined {
    const { maxSlots, newSlot, now } = this.#options
    const releaseAt = this.#releaseAt.get(key)
    if (releaseAt === undefined) return undefined
    if (releaseAt <= now()) {
      this.#releaseAt.delete(key)
      return undefined
    }
    let slot = this.#slots.get(key)
    if (slot) return slot
    const slots = this.slots()
    if (slots.length < maxSlots) {
      slot = newSlot(`quarantine-${this.#names++}`)
      void slot.fill().catch(() => {})
    } else {
      slot = this.#leastLoaded(slots)
    }
    this.#slots.set(key, slot)
    return slot
  }

  /** Takes out the slots that nobody needs any more, for the caller to retire. */
  sweep(): Slot[] {
    const { now, residents } = this.#options
    for (const times of [this.#releaseAt, this.#suspectUntil]) {
      for (const [key, time] of times) if (time <= now()) times.delete(key)
    }
    const before = this.slots()
    const needed = new Set<Slot>()
    for (const [key, slot] of this.#slots) if (this.#releaseAt.has(key)) needed.add(slot)
    for (const [key, slot] of this.#slots) {
      if (this.#releaseAt.has(key)) continue
      // One key is enough to remember a slot by that has residents.
      if (needed.has(slot) || residents(slot) === 0) this.#slots.delete(key)
      else needed.add(slot)
    }
    return before.filter((slot) => !needed.has(slot))
  }

  #leastLoaded(slots: readonly Slot[]): Slot {
    const { residents } = this.#options
    return slots.reduce((best, slot) => (residents(slot) < residents(best) ? slot : best))
  }
}
