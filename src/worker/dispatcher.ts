import type { Script } from 'node:vm'
import { FrameWriter } from '../wire/framing.js'
import { type Event, Op, type Reply, type Request, writeReply } from '../wire/protocol.js'
import type { ValueCodec } from '../wire/values/codec.js'
import type { Contexts } from './contexts.js'
import type { Outcome, Primitive } from './realm/bridge.js'
import type { Compiler } from './realm/compiler.js'
import { exportBytes, type Realm } from './realm/realm.js'

interface Job {
  readonly call: number
  readonly context: number
  readonly request: Request
}

export interface DispatcherOptions {
  readonly compiler: Compiler
  readonly contexts: Contexts
  /** Encodes what the worker itself answers: primitives, and lists of numbers. */
  readonly codec: ValueCodec
  /** The largest encoded result that may be sent, in bytes. */
  readonly maxResult: number
  readonly write: (pieces: Buffer[]) => void
}

/**
 * Serves requests one at a time, in the order they came: each is one turn in its context.
 * Exactly one reply goes out for each, at once or when its promise settles.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #contexts: Contexts
  readonly #codec: ValueCodec
  readonly #out = new FrameWriter()
  #queue: Job[] = []
  /** Suspended calls, with the context whose realm will settle them. */
  readonly #suspended = new Map<number, { context: number; realm: Realm }>()

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#contexts = options.contexts
    this.#codec = options.codec
  }

  push(call: number, context: number, request: Request): void {
    if (request.op === Op.abandon) this.#abandon(call)
    else this.#queue.push({ call, context, request })
  }

  /** Serves everything that was pushed. */
  run(): void {
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
      this.#serve(job)
      // A reply must not wait behind a turn that may be long, or never end; and which turn that
      // is, the service tells by the replies it has.
      this.flush()
    }
    this.flush()
  }

  /** Sends what has been answered so far. */
  flush(): void {
    if (this.#out.size > 0) this.#options.write(this.#out.take())
  }

  hello(version: number, pid: number): void {
    this.#reply(0, 0, { op: Op.hello, version, pid })
    this.flush()
  }

  #serve({ call, context, request }: Job): void {
    switch (request.op) {
      case Op.init:
        return this.#guard(call, context, (trial) => this.#contexts.init(request.sources, trial))
      case Op.create:
        return this.#guard(call, context, (trial) =>
          this.#contexts.create(context, request.sources, trial),
        )
      case Op.reset:
        return this.#reset(call, context)
      case Op.destroy:
        return this.#destroy(call, context)
      case Op.evaluate:
        return this.#enter(call, context, (realm) => this.#evaluate(realm, call, request))
      case Op.call:
        return this.#enter(call, context, (realm) => this.#call(realm, call, request))
      case Op.inventory:
        return this.#value(call, context, this.#contexts.numbers())
    }
  }

  /** A turn of start-up sources, which have no result but may throw. */
  #guard(call: number, context: number, build: (trial: (realm: Realm) => void) => void): void {
    let realm: Realm | undefined
    try {
      build((trial) => {
        realm = trial
      })
    } catch (error) {
      if (realm) this.#outcome(call, context, realm.settle(realm.bridge.threw(error)))
      else this.#compileError(call, context, error)
      return
    }
    this.#value(call, context, undefined)
  }

  #reset(call: number, context: number): void {
    const before = this.#contexts.get(context)
    if (!before) return this.#reply(call, context, { op: Op.invalid, known: false })
    this.#guard(call, context, (trial) => this.#contexts.reset(context, trial))
    if (this.#contexts.get(context) !== before) this.#drop(before, context)
  }

  #destroy(call: number, context: number): void {
    const realm = this.#contexts.destroy(context)
    if (!realm) return this.#reply(call, context, { op: Op.invalid, known: false })
    this.#drop(realm, context)
    this.#value(call, context, undefined)
  }

  /** Answers the calls that waited for promises of a realm that is gone. */
  #drop(realm: Realm, context: number): void {
    for (const call of realm.suspended) {
      this.#suspended.delete(call)
      this.#reply(call, context, { op: Op.invalid, known: true })
    }
    realm.suspended.clear()
  }

  /** One turn: the entry, its microtasks, and whatever promises they settled. */
  #enter(call: number, context: number, entry: (realm: Realm) => Outcome | Primitive): void {
    const realm = this.#contexts.get(context)
    if (!realm) return this.#reply(call, context, { op: Op.invalid, known: false })
    const outcome = realm.settle(entry(realm))
    const waits = typeof outcome === 'object' && outcome !== null && outcome.kind === 'pending'
    if (waits) {
      realm.suspended.add(call)
      this.#suspended.set(call, { context, realm })
    }
    realm.drain()
    if (!waits) this.#outcome(call, context, outcome)
    if (realm.suspended.size > 0) this.#settled(realm, context)
    if (waits && realm.suspended.has(call)) this.#reply(call, context, { op: Op.suspended })
  }

  /**
   * A turn for everyone who waits: something outside of turns, such as the answer to an
   * `import()`, may have settled a promise.
   */
  wake(): void {
    const realms = new Map<Realm, number>()
    for (const { realm, context } of this.#suspended.values()) realms.set(realm, context)
    for (const [realm, context] of realms) {
      realm.drain()
      this.#settled(realm, context)
    }
    this.flush()
  }

  #evaluate(
    realm: Realm,
    call: number,
    request: Request & { op: typeof Op.evaluate },
  ): Outcome | Primitive {
    let script: Script
    try {
      script = this.#options.compiler.recall(request.source, request.filename)
    } catch (error) {
      return syntaxOutcome(error)
    }
    let value: unknown
    try {
      value = realm.run(script)
    } catch (error) {
      return realm.bridge.threw(error)
    }
    return realm.bridge.complete(call, value, request.discard)
  }

  #call(
    realm: Realm,
    call: number,
    request: Request & { op: typeof Op.call },
  ): Outcome | Primitive {
    const { bridge } = realm
    if (!request.primitive) {
      return bridge.callEncoded(call, request.path, realm.importBytes(request.args))
    }
    const args = this.#codec.decode(request.args) as Primitive[]
    return bridge.call(call, request.path, ...args)
  }

  #settled(realm: Realm, context: number): void {
    for (let next = realm.takeSettled(); next; next = realm.takeSettled()) {
      const { call, outcome } = next
      // An abandoned call was answered already.
      if (!realm.suspended.delete(call)) continue
      this.#suspended.delete(call)
      this.#outcome(call, context, outcome)
    }
  }

  #abandon(call: number): void {
    const queued = this.#queue.findIndex((job) => job.call === call)
    const job = this.#queue[queued]
    if (job) {
      this.#queue.splice(queued, 1)
      return this.#reply(call, job.context, { op: Op.timeout, started: false })
    }
    const suspended = this.#suspended.get(call)
    // Answered while the withdrawal was under way.
    if (!suspended) return
    this.#suspended.delete(call)
    suspended.realm.suspended.delete(call)
    this.#reply(call, suspended.context, { op: Op.timeout, started: true })
  }

  #outcome(call: number, context: number, outcome: Outcome | Primitive): void {
    if (typeof outcome !== 'object' || outcome === null) return this.#value(call, context, outcome)
    switch (outcome.kind) {
      case 'bytes':
        return this.#bytes(call, context, exportBytes(outcome.bytes))
      case 'thrown': {
        const { name, message, stack } = outcome
        const extra = outcome.extra && exportBytes(outcome.extra)
        const size = (message.length + stack.length) * 2 + (extra?.length ?? 0)
        if (size > this.#options.maxResult) {
          return this.#reply(call, context, { op: Op.oversize, size })
        }
        return this.#reply(call, context, { op: Op.error, name, message, stack, extra })
      }
      case 'unserializable': {
        const { path, why } = outcome
        return this.#reply(call, context, { op: Op.unserializable, path, why })
      }
    }
  }

  #compileError(call: number, context: number, error: unknown): void {
    this.#outcome(call, context, syntaxOutcome(error))
  }

  #value(call: number, context: number, value: Primitive | number[]): void {
    this.#bytes(call, context, this.#codec.encode(value, 'result'))
  }

  #bytes(call: number, context: number, value: Uint8Array): void {
    if (value.length > this.#options.maxResult) {
      this.#reply(call, context, { op: Op.oversize, size: value.length })
    } else {
      this.#reply(call, context, { op: Op.ok, value })
    }
  }

  #reply(call: number, context: number, reply: Reply | Event): void {
    writeReply(this.#out, call, context, reply)
  }
}

/** The compiler's errors are made in the worker's realm, from nothing of the script's. */
function syntaxOutcome(error: unknown): Outcome {
  const { name, message, stack } = error as Error
  const own = stack?.split('\n    at ')[0] ?? ''
  return { kind: 'thrown', name, message, stack: own, extra: undefined }
}
