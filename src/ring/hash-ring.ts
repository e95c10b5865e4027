import { randomBytes } from 'node:crypto'
import HashRing from 'hashring'

/**
 * Four times ketama's 40: measured over 8 slots and 100 000 keys, the fullest slot then holds
 * 1.06 of the mean instead of 1.10, the emptiest 0.94 instead of 0.86.
 */
const VNODES = 160
const NONCE_BYTES = 16
/** Draws for an ID while every slot drawn so far is full. */
const MOST_DRAWS = 32
const NONCE_LENGTH = 22
const NONCE = /^[\w-]{22}$/
/** Between a key and its nonce; base64url has none, so the last one in an ID is this one. */
const SEPARATOR = '/'

/** Maps keys to slot names, and mints context IDs. Knows nothing of processes. */
export class Ring {
  readonly #ring: HashRing

  /** At least one slot name, no two equal. */
  constructor(slots: readonly string[]) {
    this.#ring = new HashRing(weighted(slots), 'md5')
  }

  /** The slot of a key: the same for equal keys, and in every program with the same slots. */
  slotOf(key: string): string {
    // As it is, `__proto__` or `constructor` would lead the cache of hashring 3.2.0 to the built-in of that name.
    return this.#ring.get(`/${key}`)
  }

  /** Adds a slot; about 1/N of all keys move to it, and none between the others. */
  add(slot: string): void {
    this.#ring.add(weighted([slot]))
  }

  /** Removes a slot; its keys move to the others, and no other key moves. */
  remove(slot: string): void {
    this.#ring.remove(slot)
  }
}

/**
 * The points of each slot by number. As a share of the whole, hashring would round them down,
 * to 159 for one count of slots and 160 for another, and keys would move between old slots.
 */
function weighted(slots: readonly string[]): Record<string, { vnodes: number }> {
  return Object.fromEntries(slots.map((slot) => [slot, { vnodes: VNODES }]))
}

/** The part of an ID that the ring hashes: all of it, but for a nonce at its end. */
export function keyOf(id: string): string {
  const at = id.length - NONCE_LENGTH - 1
  return at > 0 && id[at] === SEPARATOR && NONCE.test(id.slice(at + 1)) ? id.slice(0, at) : id
}

/** An ID that can't be guessed, on the slot of its key. */
export function mintId(key: string): string {
  return `${key}${SEPARATOR}${nonce()}`
}

/**
 * An ID without a key of the caller's: its nonce is the key. Of two draws the one whose slot
 * has less load is taken, which balances like "the power of two choices" (Mitzenmacher, 2001)
 * and leaves routing to the ring alone.
 */
export function mintBalancedId(
  ring: Ring,
  loadOf: (slot: string) => number,
  full = Number.POSITIVE_INFINITY,
): string {
  let best = nonce()
  let least = loadOf(ring.slotOf(best))
  // One more draw, and further ones only while all drawn slots take nothing.
  for (let draws = 1; draws < 2 || (least === full && draws < MOST_DRAWS); draws++) {
    const id = nonce()
    const load = loadOf(ring.slotOf(id))
    if (load < least) {
      best = id
      least = load
    }
  }
  return best
}

function nonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64url')
}
