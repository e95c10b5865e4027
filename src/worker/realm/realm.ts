import { fileURLToPath } from 'node:url'
import { type Context, createContext, type Script } from 'node:vm'
import type { HostEnd, HostFunctionName } from '../../wire/protocol.js'
import type { Msgpack } from '../../wire/values/codec.js'
import { codecSource } from '../../wire/values/codec.js'
import { msgpackSource } from '../../wire/values/msgpack.js'
import { readSimple, readSingle } from '../../wire/values/simple.js'
import type { Features, HostAccess, WorkerOptions } from '../../wire/worker-options.js'
import { type Bridge, type BridgeOptions, createBridge } from './bridge.js'
import { createCallPath } from './call-path.js'
import type { Compiler } from './compiler.js'
import { consoleSource } from './console-source.js'
import { CROSS, createFacilities, type Facilities, type FacilityOptions } from './facilities.js'
import { arrangeGlobals } from './globals.js'
import { createHost } from './host.js'
import { BARE_GLOBAL, HostHooks, type RealmHooks } from './host-hooks.js'
import type { Host } from './host-types.js'
import { createLazy } from './lazy.js'
import type { Outcome, Primitive } from './outcome.js'
import { createRealmHooks } from './realm-hooks.js'
import { createTimers } from './timers.js'
import type { Cross } from './web/ops.js'
import { webSource } from './web/source.js'

/** What a realm's own program gives. */
type Start = (cross: Cross) => { bridge: Bridge; hooks: RealmHooks; facilities: Facilities }

const BRIDGE_FILE = 'vmring:bridge'
/** How the files of the worker's own frames begin, which no stack of a script's shows. */
const OWN_FRAMES = ['vmring:', 'node:', fileURLToPath(new URL('.', import.meta.url))]
/** What a context may print in a turn. */
const CONSOLE_LIMITS = { maxLine: 8 * 1024, maxLines: 100, maxText: 32 * 1024 } as const
const RUN = { displayErrors: false } as const

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

/** What all contexts of a process share: their programs, compiled on first use, and their hooks. */
export class RealmPrograms {
  readonly start: Script
  readonly drain: Script
  readonly hooks: HostHooks
  readonly features: Features
  /** Functions of the host that all contexts have. */
  readonly functions: readonly HostFunctionName[]
  /** Whether what scripts print goes anywhere. */
  readonly prints: boolean
  readonly #compiler: Compiler
  readonly #msgpackFile: string
  #msgpack: Script | undefined

  constructor(
    compiler: Compiler,
    { maxDepth, maxNodes, maxResult, features, host, msgpack }: WorkerOptions,
  ) {
    const options: BridgeOptions = { maxDepth, maxNodes }
    this.#compiler = compiler
    this.features = features
    this.functions = host.functions
    this.prints = host.console
    this.#msgpackFile = msgpack
    this.hooks = new HostHooks(compiler)
    this.drain = compiler.compile('', 'vmring:drain')
    this.start = compiler.compile(
      `'use strict';(${arrangeGlobals})(${JSON.stringify(features)});(cross) => {
        const bridge = (${createBridge})(${codecSource}, (${createCallPath})(), ${JSON.stringify(options)})
        const { codec, problemOf } = bridge
        return {
          __proto__: null,
          hooks: (${createRealmHooks})(${JSON.stringify(OWN_FRAMES)}),
          bridge,
          facilities: (${createFacilities})({
            makeHost: ${createHost}, makeTimers: ${createTimers}, lazy: (${createLazy})(),
            makeConsole: ${host.console ? consoleSource : undefined},
            makeWeb: ${features.web ? webSource : undefined}, ops: ${JSON.stringify(CROSS)},
            codec, problemOf, cross, options: ${JSON.stringify(facilitiesOf(host, maxResult))},
          }),
        }
      }`,
      BRIDGE_FILE,
    )
  }

  get msgpack(): Script {
    this.#msgpack ??= this.#compiler.compile(msgpackSource(this.#msgpackFile), BRIDGE_FILE)
    return this.#msgpack
  }
}

function facilitiesOf(
  { maxPending, maxTimers, timers, console }: HostAccess,
  maxSize: number,
): FacilityOptions {
  const timerOptions = { maxTimers, ofCalls: timers === 'call' }
  return {
    maxPending,
    maxSize,
    timers: timers === 'none' ? undefined : timerOptions,
    console: console ? CONSOLE_LIMITS : undefined,
  }
}

/**
 * One isolated global scope with a microtask queue of its own. Nothing of the worker's realm
 * goes in but primitives; nothing comes out but primitives, and objects that the bridge made
 * and whose own data fields are all that is ever read.
 */
export class Realm {
  readonly #programs: RealmPrograms
  readonly #context: Context
  readonly #hooks: RealmHooks
  readonly bridge: Bridge
  /** The bridge's own. Each realm's bridge has a shape of its own, and V8 looks up those of many slowly. */
  readonly call: Bridge['call']
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
    const start = programs.start.runInContext(this.#context, RUN) as Start
    const { bridge, hooks, facilities } = start(programs.hooks.cross)
    this.facilities = facilities
    this.bridge = bridge
    this.call = bridge.call
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
    return script.runInContext(this.#context, RUN)
  }

  /** Runs the microtasks that the last entry left. */
  drain(): void {
    this.#programs.drain.runInContext(this.#context, RUN)
  }

  /** Fetches the codec when the bridge asks for it. */
  settle(outcome: Outcome | Primitive): Outcome | Primitive {
    if (typeof outcome !== 'object' || outcome === null || outcome.kind !== 'codec') return outcome
    try {
      this.#loadCodec()
    } catch {
      return BROKEN
    }
    return this.bridge.resume()
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

  /** Calls the function at a path with arguments of any kind, an encoded array. */
  callEncoded(call: number, path: string, args: Uint8Array): Outcome | Primitive {
    if (!this.bridge.hasCodec()) this.#loadCodec()
    return this.bridge.callEncoded(call, path, this.importBytes(args))
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
      const [name, message] = (readSimple(bytes) ?? []) as (string | undefined)[]
      return host?.reject(id, name ?? 'Error', message ?? '')
    }
    const [value] = readSingle(bytes) ?? [bytes]
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
