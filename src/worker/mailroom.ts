import { textSize } from '../wire/framing.js'
import { type Line, Op } from '../wire/protocol.js'
import type { Simple } from '../wire/values/simple.js'
import type { Outbox } from './outbox.js'
import { exportBytes } from './realm/export-bytes.js'
import type { Host, Outgoing } from './realm/host-types.js'
import { isPending, type Realm } from './realm/realm.js'
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
/** Bytes of lines that go together. */
const LARGEST_PRINT = 64 * 1024

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

  constructor(options: MailroomOptions) {
    this.#options = options
  }

  /** Within a turn, when all else of it is done. False when there is more to do: something was refused. */
  collect(turn: Turn, realm: Realm): boolean {
    if (!realm.isEquipped) return true
    const { host, clock } = realm.facilities
    if (host && !this.#takeOut(turn, realm, host)) return false
    const givenUp = realm.givenUp.splice(0)
    if (clock) this.#lookAt(turn, givenUp, clock)
    return true
  }

  /** After the turn, ahead of its replies: what a call has asked for precedes its result. */
  send(turn: Turn): void {
    const { outbox, suspensions } = this.#options
    const { call, context, mail, wakeIn } = turn
    if (wakeIn >= 0) outbox.reply(0, context, { op: Op.timer, delay: wakeIn })
    if (!mail) return
    // Lines that follow each other go together: a turn can print a hundred.
    let lines: Line[] = []
    let size = 0
    const sendLines = (): void => {
      if (lines.length > 0) outbox.reply(0, context, { op: Op.console, lines })
      lines = []
      size = 0
    }
    for (const item of mail) {
      if (item.kind === 'line') {
        const text = Buffer.from(item.text)
        // Turns that were cut short may have left theirs.
        if (size + text.length > LARGEST_PRINT) sendLines()
        lines.push({ level: item.level, text })
        size += text.length
        continue
      }
      sendLines()
      const { id, fn, args, owner } = item
      // What a turn left that was cut short is on nobody's account.
      const known = owner === call || suspensions.get(owner) !== undefined
      outbox.hostCall(known ? owner : 0, context, id, fn, args)
    }
    sendLines()
  }

  /** False when something was refused. */
  #takeOut(turn: Turn, realm: Realm, host: Host): boolean {
    for (let isFine = true; ; ) {
      const item = host.peek()
      if (!item) return isFine
      const mail = item.kind === 'line' ? lineOf(item) : this.#call(realm, item)
      if (typeof mail === 'string') {
        host.refuse(mail)
        isFine = false
        continue
      }
      turn.mail ??= []
      const id = mail.kind === 'call' ? mail.id : 0
      host.take(id)
      // Nothing can be cut short between these two.
      turn.mail[turn.mail.length] = mail
    }
  }

  /** What is to be sent; or why that can't be. */
  #call(realm: Realm, item: Outgoing & { kind: 'call' }): Mail | string {
    const args = item.count < 0 ? this.#packed(realm) : this.#simple(item)
    if (typeof args !== 'object') return args
    this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1
    return { kind: 'call', id: this.#lastId, owner: item.owner, fn: item.fn, args }
  }

  /** Encoded arguments; or why there are none. */
  #packed(realm: Realm): Uint8Array | string {
    const { maxSize } = this.#options
    const packed = packedIn(realm)
    const bytes = packed && exportBytes(packed, maxSize)
    if (typeof bytes === 'number') return tooLarge(bytes, maxSize)
    return bytes ?? "its arguments can't travel: they take too long, or built-ins have been changed"
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

  #lookAt(turn: Turn, givenUp: readonly number[], clock: Clock): void {
    const { call, result, settled } = turn
    // What was set for a call goes with it, if that is what the service wants.
    if (call !== 0 && !isPending(result)) clock.release(call)
    if (settled) for (const other of settled.keys()) clock.release(other)
    for (const other of givenUp) clock.release(other)
    const wanted: unknown = clock.wanted(performance.now())
    // Its script may have changed what it reckons with; and a conversion would be that script's.
    if (typeof wanted === 'number' && wanted >= 0) turn.wakeIn = wanted
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

function lineOf({ level, text }: Outgoing & { kind: 'line' }): Mail {
  return { kind: 'line', level, text }
}
