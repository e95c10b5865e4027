import { type InvalidReason, VmInvalidContextError } from './errors.js'
import type { NamedFunction } from './host-functions.js'
import { Lifecycle, type Transitions } from './pool/lifecycle.js'
import type { Slot } from './pool/slot.js'
import type { Task } from './pool/task.js'
import type { Source } from './wire/protocol.js'

export type ContextState = 'creating' | 'live' | 'gone'
const CONTEXT_TRANSITIONS: Transitions<ContextState> = {
  creating: ['live', 'gone'],
  live: ['gone'],
  gone: [],
}

/** Contexts that are gone whose reason is remembered; older ones are `unknown`. */
const GONE_KEPT = 10_000

const NOBODY: ReadonlyMap<number, ContextRecord> = new Map()

export interface ContextInit {
  readonly id: string
  /** Its number on the wire, unique in the service. */
  readonly number: number
  readonly slot: Slot
  /** Default run budget in ms. */
  readonly timeout: number
  /** In ms, or Infinity. */
  readonly idleTimeout: number
  /** Start-up sources beyond the service's. */
  readonly sources: readonly Source[]
  /** Functions of the host beyond the service's. */
  readonly functions: readonly NamedFunction[]
  /** Whether it has to be known when its calls begin: it may have cost a process before. */
  readonly apart: boolean
  /** Called when it is gone. */
  readonly onEnd: (() => void) | undefined
}

/** What the service knows of one context. */
export class ContextRecord {
  readonly id: string
  readonly number: number
  readonly slot: Slot
  readonly timeout: number
  readonly idleTimeout: number
  readonly sources: readonly Source[]
  readonly functions: readonly NamedFunction[]
  readonly apart: boolean
  readonly #life = new Lifecycle<ContextState>(CONTEXT_TRANSITIONS, 'creating')
  #controller: AbortController | undefined
  #reason: InvalidReason | undefined
  /** Run when the context is gone. */
  readonly #endings: (() => void)[] = []
  #pending = 0
  #lastUsed = 0
  /** Its creation on the way to a process; set by whoever creates. */
  creation: { readonly task: Task; readonly done: Promise<void> } | undefined

  constructor(init: ContextInit) {
    this.id = init.id
    this.number = init.number
    this.slot = init.slot
    this.timeout = init.timeout
    this.idleTimeout = init.idleTimeout
    this.sources = init.sources
    this.functions = init.functions
    this.apart = init.apart
    if (init.onEnd) this.onEnd(init.onEnd)
  }

  get state(): ContextState {
    return this.#life.state
  }

  /** Why it is gone. */
  get reason(): InvalidReason {
    return this.#reason ?? 'unknown'
  }

  /** Made when asked for: few callers do, and a signal costs more than the rest of a record. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.state === 'gone') this.#controller.abort(this.error())
    }
    return this.#controller.signal
  }

  error(): VmInvalidContextError {
    return new VmInvalidContextError(this.id, this.reason)
  }

  /** A call begins. */
  used(): void {
    this.#pending++
  }

  /** A call has ended. */
  unused(): void {
    this.#pending--
    if (this.idleTimeout !== Number.POSITIVE_INFINITY) this.#lastUsed = performance.now()
  }

  /** How long it has had no call, in milliseconds. */
  get idle(): number {
    return this.#pending > 0 ? 0 : performance.now() - this.#lastUsed
  }

  created(): void {
    this.#lastUsed = performance.now()
    this.#life.to('live')
  }

  onEnd(ending: () => void): void {
    this.#endings.push(ending)
  }

  /** Use `Directory.remove`, which also takes it off the lists. */
  end(reason: InvalidReason): void {
    this.#life.to('gone')
    this.#reason = reason
    for (const ending of this.#endings.splice(0)) ending()
    this.#controller?.abort(this.error())
  }
}

/** Every context that is not gone, by ID and by slot; and why the others went. */
export class Directory {
  readonly #byId = new Map<string, ContextRecord>()
  readonly #bySlot = new Map<Slot, Map<number, ContextRecord>>()
  readonly #reasons = new Map<string, InvalidReason>()
  /** Those that are gone, by number. */
  readonly #gone = new Map<number, { readonly id: string; readonly slot: Slot }>()

  get size(): number {
    return this.#byId.size
  }

  get(id: string): ContextRecord | undefined {
    return this.#byId.get(id)
  }

  /** The contexts of a slot, by number. */
  of(slot: Slot): ReadonlyMap<number, ContextRecord> {
    return this.#bySlot.get(slot) ?? NOBODY
  }

  all(): ContextRecord[] {
    return [...this.#byId.values()]
  }

  add(record: ContextRecord): void {
    this.#byId.set(record.id, record)
    const residents = this.#bySlot.get(record.slot)
    if (residents) residents.set(record.number, record)
    else this.#bySlot.set(record.slot, new Map([[record.number, record]]))
    this.#reasons.delete(record.id)
  }

  /** Ends a context: from here on it is gone, for that reason. */
  remove(record: ContextRecord, reason: InvalidReason): void {
    if (record.state === 'gone') return
    if (this.#byId.get(record.id) === record) this.#byId.delete(record.id)
    const residents = this.#bySlot.get(record.slot)
    residents?.delete(record.number)
    // Slots of a quarantine come and go.
    if (residents?.size === 0) this.#bySlot.delete(record.slot)
    if (reason !== 'unknown') keep(this.#reasons, record.id, reason)
    keep(this.#gone, record.number, { id: record.id, slot: record.slot })
    record.end(reason)
  }

  /** The ID of a context of that slot that is gone, if that was not long ago. */
  idOfGone(number: number, slot: Slot): string | undefined {
    const gone = this.#gone.get(number)
    return gone?.slot === slot ? gone.id : undefined
  }

  /** What to tell a caller who names a context that isn't there. */
  missing(id: string): VmInvalidContextError {
    return new VmInvalidContextError(id, this.#reasons.get(id) ?? 'unknown')
  }
}

/** Remembers an entry, and forgets the oldest when there are too many. */
function keep<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.set(key, value)
  if (map.size <= GONE_KEPT) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    break
  }
}
