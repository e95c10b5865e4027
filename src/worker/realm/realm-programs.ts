import { fileURLToPath } from 'node:url'
import type { Script } from 'node:vm'
import type { HostFunctionName } from '../../wire/protocol.js'
import { codecSource } from '../../wire/values/codec.js'
import { msgpackSource } from '../../wire/values/msgpack.js'
import type { Features, HostAccess, WorkerOptions } from '../../wire/worker-options.js'
import { type Bridge, type BridgeOptions, createBridge } from './bridge.js'
import type { Compiler } from './compiler.js'
import { consoleSource } from './console-source.js'
import { CROSS, createFacilities, type Facilities, type FacilityOptions } from './facilities.js'
import { arrangeGlobals } from './globals.js'
import { createHost } from './host.js'
import { HostHooks, type RealmHooks } from './host-hooks.js'
import { createLazy } from './lazy.js'
import { PathPrograms } from './path-programs.js'
import { createRealmHooks } from './realm-hooks.js'
import { createTimers } from './timers.js'
import type { Cross } from './web/ops.js'
import { webSource } from './web/source.js'

/** What a realm's own program gives. */
export type Start = (cross: Cross) => { bridge: Bridge; hooks: RealmHooks; facilities: Facilities }

const BRIDGE_FILE = 'vmring:bridge'
/** How the files of the worker's own frames begin, which no stack of a script's shows. */
const OWN_FRAMES = ['vmring:', 'node:', fileURLToPath(new URL('.', import.meta.url))]
/** What a context may print in a turn. */
const CONSOLE_LIMITS = { maxLine: 8 * 1024, maxLines: 100, maxText: 32 * 1024 } as const

/** What all contexts of a process share: their programs, compiled on first use, and their hooks. */
export class RealmPrograms {
  readonly start: Script
  readonly drain: Script
  readonly hooks: HostHooks
  readonly paths: PathPrograms
  readonly features: Features
  /** The largest result that may be sent, in bytes. */
  readonly maxResult: number
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
    this.maxResult = maxResult
    this.functions = host.functions
    this.prints = host.console
    this.#msgpackFile = msgpack
    this.hooks = new HostHooks(compiler)
    this.paths = new PathPrograms(compiler)
    this.drain = compiler.compile('', 'vmring:drain')
    this.start = compiler.compile(
      `'use strict';(${arrangeGlobals})(${JSON.stringify(features)});(cross) => {
        const bridge = (${createBridge})(${codecSource}, ${JSON.stringify(options)})
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
