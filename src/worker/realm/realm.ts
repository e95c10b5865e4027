import { type Context, createContext, Script } from 'node:vm'
import { FieldReader } from '../../wire/fields.js'
import type { HostEnd, HostFunctionName } from '../../wire/protocol.js'
import type { Msgpack } from '../../wire/values/codec.js'
import { readList, readValue } from '../../wire/values/read-simple.js'
import type { Bridge } from './bridge.js'
import { exportBytes } from './export-bytes.js'
import type { Facilities } from './facilities.js'
import { BARE_GLOBAL, type RealmHooks } from './host-hooks.js'
import type { Host } from './host-types.js'
import { Invokers } from './invokers.js'
import { type BridgeResult, type Outcome, type Primitive, travelsAsIs } from './outcome.js'
import type { Invoke, InvokeWith, Passed, PathScript } from './path-programs.js'
import type { RealmPrograms, Start } from './realm-programs.js'

/**
 * What Node's own `Script.prototype.runInContext` comes to, once it has looked at what it is given. That look
 * takes V8 as long as a short script: it is at a private property, and each context has a shape of its own.
 */
type RunInContext = (
  this: Script,
  context: Context,
  /** In milliseconds, or -1. */
  timeout: number,
  displayErrors: boolean,
  breakOnSigint: boolean,
  breakOnFirstLine: boolean,
) => unknown
const runInContext: RunInContext = Object.getPrototypeOf(Script.prototype).runInContext

const typedArraySet = Uint8Array.prototype.set
/** A script took away what the codec is made of: its own values are all that suffers. */
export const BROKEN: Outcome = {
  kind: 'thrown',
  name: 'Error',
  message: "the context's built-ins have been changed so that its values can't travel",
  stack: '',
  extra: undefined,
}

export function isPending(outcome: Outcome | Primitive | symbol): boolean {
  return typeof outcome === 'object' && outcome !== null && outcome.kind === 'pending'
}

/**
 * One isolated global scope with a microtask queue of its own. Nothing of the worker's realm
 * goes in but primitives; nothing comes out but primitives, functions that were made of the worker's own
 * programs, and objects that the bridge made and whose own data fields are all that is ever read.
 */
export class Realm {
  readonly #programs: RealmPrograms
  readonly #context: Context
  readonly #hooks: RealmHooks
  readonly bridge: Bridge
  readonly #invokers = new Invokers((script) => this.run(script))
  readonly facilities: Facilities
  /** Whether scripts may wait for their host: then there must be a codec at any time. */
  #asks = false
  /** Makes a codec's msgpackr; from when the first one was wanted. */
  #makeMsgpack: (() => Msgpack) | undefined
  #undelivered: HostEnd[] = []
  /** Whether scripts have touched what `facilities` gives them: most do not, and each look into the realm costs. */
  isEquipped = false
  /** Whether its last call was a short one. */
  isBrisk = false
  /** Whether the service wants to know when its turns begin. */
  isApart = false
  /** Calls that are over without a result, and whose timers are to go. */
  readonly givenUp: number[] = []

  /** Makes the realm, and enters it. */
  constructor(programs: RealmPrograms) {
    this.#programs = programs
    const strings = programs.features.codeGeneration
    this.#context = createContext(BARE_GLOBAL, {
      microtaskMode: 'afterEvaluate',
      codeGeneration: { strings, wasm: programs.features.webAssembly },
    })
    const start = this.run(programs.start) as Start
    const { bridge, hooks, facilities } = start(programs.hooks.cross)
    this.facilities = facilities
    this.bridge = bridge
    this.#hooks = hooks
    programs.hooks.adopt(hooks)
    this.enter()
    this.addFunctions(programs.functions)
  }

  /** Adds functions of the host to those that there are. Within a turn. */
  addFunctions(functions: readonly HostFunctionName[]): void {
    if (functions.length === 0) return
    this.#asks ||= functions.some(({ sync }) => sync)
    this.facilities.add(functions.map(({ name, sync }) => (sync ? 's' : 'a') + name).join('\u0000'))
    this.#loadForAsking()
  }

  /** A turn in this realm begins: what V8 asks its host from here on is for it to answer. */
  enter(): void {
    this.enterLast()
    if (this.#asks) this.#loadForAsking()
    if (this.#programs.prints) this.facilities.refill()
  }

  /** The same for a turn in which nothing is to begin any more. */
  enterLast(): void {
    this.#programs.hooks.enter(this.#hooks)
  }

  /** Its last turn is over: nothing here holds it any more. */
  leave(): void {
    this.#programs.hooks.enter(undefined)
  }

  /** Runs a script and its microtasks. Its value is the script's: only the bridge may touch it. */
  run(script: Script): unknown {
    return runInContext.call(script, this.#context, -1, false, false, false)
  }

  /** Runs the microtasks that the last entry left. */
  drain(): void {
    this.run(this.#programs.drain)
  }

  /** Fetches the codec when the bridge asks for it, and copies bytes: what comes after may change them. */
  settle(outcome: BridgeResult): Outcome | Primitive {
    if (typeof outcome !== 'object' || outcome === null) return outcome
    switch (outcome.kind) {
      case 'binary':
        return { kind: 'copied', bytes: exportBytes(outcome.bytes, this.#programs.maxResult) }
      case 'codec':
        try {
          this.#loadCodec()
        } catch {
          return BROKEN
        }
        return this.settle(this.bridge.resume())
      default:
        return outcome
    }
  }

  /** The call whose promise settled next; 0 when there is none. */
  nextSettled(): number {
    return this.bridge.nextSettled()
  }

  /** How that promise settled. */
  settledOutcome(): Outcome | Primitive {
    return this.settle(this.bridge.settledOutcome())
  }

  /** Forgets a codec that may have been cut short. */
  dropCodec(): void {
    this.bridge.dropCodec()
  }

  /** Calls the function at a path by its script for so many arguments (see `PathProgram.direct`). */
  call(call: number, direct: PathScript, args: readonly Passed[]): BridgeResult {
    const invoke = this.#invokers.of(direct) as Invoke
    let value: unknown
    try {
      value = Reflect.apply(invoke, undefined, args)
    } catch (error) {
      return this.bridge.threw(error)
    }
    return this.complete(call, value, false)
  }

  /** The same by its script for any number of them. */
  callListed(
    call: number,
    listed: PathScript,
    name: string,
    args: readonly Passed[],
  ): BridgeResult {
    return this.bridge.callListed(call, this.#invokers.of(listed) as InvokeWith, name, ...args)
  }

  /** The same with arguments of any kind, an encoded array. */
  callEncoded(call: number, listed: PathScript, name: string, args: Uint8Array): BridgeResult {
    if (!this.bridge.hasCodec()) this.#loadCodec()
    const invoke = this.#invokers.of(listed) as InvokeWith
    return this.bridge.callEncoded(call, invoke, name, this.importBytes(args))
  }

  /** Turns a script's completion value into an outcome. */
  complete(call: number, value: unknown, discard: boolean): BridgeResult {
    // Most values are: for them the realm's own code, cold where there are many realms, need not run.
    if (travelsAsIs(value)) return discard ? undefined : value
    return this.bridge.complete(call, value, discard)
  }

  /** Copies bytes into a new array of this realm. */
  importBytes(bytes: Uint8Array): Uint8Array {
    const target = this.bridge.alloc(bytes.length)
    Reflect.apply(typedArraySet, target, [bytes])
    return target
  }

  /** Settles promises of host calls. */
  resume(ended: readonly HostEnd[]): void {
    this.#undelivered = [...ended]
    for (const end of ended) {
      try {
        this.#settleCall(end)
      } catch {
        this.#giveUp(end)
      }
      this.#undelivered.shift()
    }
  }

  /** What a turn that was cut short has not come to: too late to be of use, but not to be told. */
  resumeRest(): void {
    while (this.#undelivered.length > 0) this.#giveUp(this.#undelivered.shift() as HostEnd)
  }

  #giveUp({ id }: HostEnd): void {
    this.facilities.host?.reject(id, 'AbortError', 'there was no time left for the result')
  }

  #settleCall({ id, ok, value: bytes }: HostEnd): void {
    const { host } = this.facilities
    if (!ok) {
      const [name, message] = readList(FieldReader.of(bytes)) as (string | undefined)[]
      return host?.reject(id, name ?? 'Error', message ?? '')
    }
    const value = readValue(FieldReader.of(bytes))
    if (typeof value !== 'object' || value === null) return host?.resolve(id, value)
    if (!this.bridge.hasCodec()) this.#loadCodec()
    host?.resolveEncoded(id, this.importBytes(bytes))
  }

  /** The arguments of the host call that goes out next; see `Host.pack`. */
  packed(): Uint8Array | undefined {
    if (!this.bridge.hasCodec()) this.#loadCodec()
    return (this.facilities.host as Host).pack()
  }

  #loadForAsking(): void {
    if (!this.#asks || this.bridge.hasCodec()) return
    try {
      this.#loadCodec()
    } catch {
      // A script has changed what it is made of: it can't ask, and can do all else.
    }
  }

  /** After the first time without entering the realm: that would run what waits there without a codec. */
  #loadCodec(): void {
    this.#makeMsgpack ??= this.run(this.#programs.msgpack) as () => Msgpack
    this.bridge.loadCodec(this.#makeMsgpack())
  }
}
