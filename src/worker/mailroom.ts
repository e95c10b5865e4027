import { textSize } from '../wire/framing.js'
import { Op } from '../wire/protocol.js'
import type { Simple } from '../wire/values/simple.js'
import type { Outbox } from './outbox.js'
import type { Host, Outgoing } from './realm/host.js'
import { exportBytes, isPending, type Realm } from './realm/realm.js'
import type { Clock } from './realm/timers.js'
import type { Suspensions } from './suspensions.js'
import type { Turn } from './turns.js'

/** What a script wants of its host, out of its realm. */
export type Mail =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly owner: number
      readonly fn: number
      /** Encoded, or all simple. */
      readonly args: Uint8Array | readonly Simple[]
    }
  | { readonly kind: 'line'; readonly level: number; readonly text: string }

const LAST_ID = 0xffff_ffff
const LONGEST_UNIT = 3
/**
 * Lines of all contexts that are sent at once, and in each millisecond: more than the service lets pass,
 * which says how many it dropped, and a tenth of the events for which it would end this process.
 */
const LINES = { burst: 10_000, rate: 20 } as const

export interface MailroomOptions {
  readonly outbox: Outbox
  readonly suspensions: Suspensions
  /** The largest encoded arguments, in bytes. */
  readonly maxSize: number
}

/** Takes out of the contexts what their scripts want of the host, and sends it. */
export class Mailroom {
  readonly #options: MailroomOptions
  /** The number of the last host call, of any context: one that is reset must not take another's answer. */
  #lastId = 0
  #linesLeft: number = LINES.burst
  #filledAt = 0

  constructor(options: MailroomOptions) {
    this.#options = options
  }

  /** Within a turn, when all else of it is done. False when there is more to do: something was refused. */
  collect(turn: Turn, realm: Realm): boolean {
    if (!realm.isEquipped) return true
    const { host, clock } = realm.facilities
    if (host && !this.#takeOut(turn, realm, host)) return false
    if (clock) this.#lookAt(turn, clock)
    return true
  }

  /** After the turn, ahead of its replies: what a call has asked for precedes its result. */
  send(turn: Turn): void {
    const { outbox, suspensions } = this.#options
    const { call, context, mail, wakeIn } = turn
    if (wakeIn >= 0) outbox.reply(0, context, { op: Op.timer, delay: wakeIn })
    if (!mail) return
    for (const item of mail) {
      if (item.kind === 'line') outbox.line(context, item.level, item.text)
      else {
        const { id, fn, args, owner } = item
        // What a turn left that was cut short is on nobody's account.
        const known = owner === call || suspensions.get(owner) !== undefined
        outbox.hostCall(known ? owner : 0, context, id, fn, args)
      }
    }
  }

  /** False when something was refused. */
  #takeOut(turn: Turn, realm: Realm, host: Host): boolean {
    for (let isFine = true; ; ) {
      const next = this.#lastId === LAST_ID ? 1 : this.#lastId + 1
      const item = host.next(next)
      if (!item) return isFine
      if (item.kind === 'line') {
        if (this.#maySayMore()) put(turn, { kind: 'line', level: item.level, text: item.text })
        continue
      }
      this.#lastId = next
      const { id, owner, fn } = item
      const args = item.count < 0 ? this.#packed(realm) : this.#simple(item)
      if (typeof args === 'object') put(turn, { kind: 'call', id, owner, fn, args })
      else {
        host.refuse(args)
        isFine = false
      }
    }
  }

  #maySayMore(): boolean {
    if (this.#linesLeft === 0) {
      const now = performance.now()
      const more = Math.min(LINES.burst, Math.floor((now - this.#filledAt) * LINES.rate))
      if (more === 0) return false
      this.#linesLeft = more
      this.#filledAt = now
    }
    this.#linesLeft--
    return true
  }

  /** Encoded arguments; or why there are none. */
  #packed(realm: Realm): Uint8Array | string {
    const { maxSize } = this.#options
    const packed = packedIn(realm)
    const bytes = packed && exportBytes(packed, maxSize)
    if (typeof bytes === 'number') return tooLarge(bytes, maxSize)
    return bytes ?? "arguments that can't travel, for the context's built-ins have been changed"
  }

  #simple({ count, args }: Outgoing & { kind: 'call' }): Simple[] | string {
    const { maxSize } = this.#options
    const values: Simple[] = []
    let least = 0
    for (let i = 0; i < count; i++) {
      const value = args[i]
      if (typeof value === 'string') least += value.length
      values.push(value)
    }
    if (least * LONGEST_UNIT <= maxSize) return values
    // Strings can be shared pieces, and take no memory until they are looked at.
    if (least > maxSize) return tooLarge(least, maxSize)
    const size = values.reduce(
      (sum: number, value) => sum + (typeof value === 'string' ? textSize(value) : 0),
      0,
    )
    return size > maxSize ? tooLarge(size, maxSize) : values
  }

  #lookAt(turn: Turn, clock: Clock): void {
    const { call, result, settled } = turn
    // What was set for a call goes with it, if that is what the service wants.
    if (call !== 0 && !isPending(result)) clock.release(call)
    if (settled) for (const other of settled.keys()) clock.release(other)
    turn.wakeIn = clock.wanted(performance.now())
  }
}

/** What it throws is the script's, and not looked at. */
function packedIn(realm: Realm): Uint8Array | undefined {
  try {
    return realm.packed()
  } catch {
    return undefined
  }
}

function tooLarge(size: number, limit: number): string {
  return `arguments of ${size} bytes, where ${limit} may be sent`
}

function put(turn: Turn, item: Mail): void {
  turn.mail ??= []
  turn.mail.push(item)
}
