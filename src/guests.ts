import type { ConsoleSink } from './console-sink.js'
import type { ContextRecord } from './directory.js'
import type { VmInvalidContextError } from './errors.js'
import { Guest, type GuestOptions } from './guest.js'
import type { Mail } from './pool/mail.js'
import type { Slot } from './pool/slot.js'
import type { HostOutcome } from './wire/protocol.js'

export interface GuestsOptions extends GuestOptions {
  readonly console: ConsoleSink | undefined
  /** The context of that number on a slot. */
  readonly find: (slot: Slot, number: number) => ContextRecord | undefined
  /** What to tell a caller of one that is not there any more. */
  readonly missing: (slot: Slot, number: number) => VmInvalidContextError
}

/** The host's side of what scripts want of it: of every context, by its record. */
export class Guests {
  readonly #options: GuestsOptions
  readonly #guests = new WeakMap<ContextRecord, Guest>()
  /** How questions of contexts end that are not there any more. */
  readonly #gone: HostOutcome

  constructor(options: GuestsOptions) {
    this.#options = options
    const value = options.marshal.encodeError('AbortError', 'the context is gone')
    this.#gone = { ok: false, value }
  }

  /** Throws `FrameError` when an honest process could not have sent that. */
  receive(slot: Slot, mail: Mail): void {
    const record = this.#options.find(slot, mail.context)
    // It went while that was on its way.
    if (!record) {
      if (mail.kind !== 'call') return
      if (mail.task) slot.withdraw(mail.task, this.#options.missing(slot, mail.context))
      return mail.answer?.(this.#gone)
    }
    switch (mail.kind) {
      case 'call':
        return this.#guest(record).called(mail)
      case 'timer':
        return this.#guest(record).wakeIn(mail.delay)
      case 'lines':
        return this.#options.console?.print(record, mail.lines)
    }
  }

  /** A context has another global scope: nobody waits for what the last one asked for. */
  reset(record: ContextRecord): void {
    const reason = new DOMException('the context was reset', 'AbortError')
    this.#guests.get(record)?.leave(reason, this.#gone)
  }

  #guest(record: ContextRecord): Guest {
    const known = this.#guests.get(record)
    if (known) return known
    const guest = new Guest(record, this.#options)
    this.#guests.set(record, guest)
    record.onEnd(() => {
      const isProcessGone = record.reason === 'process-exit'
      guest.leave(record.error(), isProcessGone ? undefined : this.#gone)
    })
    return guest
  }
}
