import type { Script } from 'node:vm'
import { Op, type TurnRequest } from '../wire/protocol.js'
import type { Simple } from '../wire/values/simple.js'
import type { BuildRequest, Contexts, Draft } from './contexts.js'
import type { Compiler } from './realm/compiler.js'
import type { BridgeResult, Outcome, Primitive } from './realm/outcome.js'
import type { Passed, PathPrograms } from './realm/path-programs.js'
import type { Realm } from './realm/realm.js'

/** Characters of a compiler's message that travel. */
const SHOWN = 1024

export interface EntriesOptions {
  readonly contexts: Contexts
  readonly compiler: Compiler
  readonly paths: PathPrograms
}

/** The ways into a context. All of it runs inside turns, but for what is said otherwise. */
export class Entries {
  readonly #options: EntriesOptions

  constructor(options: EntriesOptions) {
    this.#options = options
  }

  /** Runs start-up sources, once `onRealm` knows in which realm: a draft, or how they failed. */
  build(
    context: number,
    request: BuildRequest,
    prepared: Realm | undefined,
    onRealm: (realm: Realm) => void,
  ): { draft: Draft } | { outcome: Outcome | Primitive } {
    let realm: Realm | undefined
    try {
      const draft = this.#options.contexts.build(context, request, prepared, (built) => {
        realm = built
        onRealm(built)
      })
      return { draft }
    } catch (error) {
      return { outcome: realm ? realm.settle(realm.bridge.threw(error)) : syntaxOutcome(error) }
    }
  }

  /** Called before the turn. */
  into(
    realm: Realm,
    call: number,
    request: TurnRequest & { op: typeof Op.evaluate | typeof Op.call },
  ): () => BridgeResult {
    if (request.op === Op.evaluate) return () => this.#evaluate(realm, call, request)
    const path = this.#options.paths.of(request.path)
    const { args } = request
    // Compiled now, if not before: within the turn it might be cut short.
    if (args instanceof Uint8Array) {
      const { listed, name } = path
      return () => realm.callEncoded(call, listed, name, args)
    }
    const direct = path.direct(args.length)
    if (direct) return () => realm.call(call, direct, into(realm, args))
    const { listed, name } = path
    return () => realm.callListed(call, listed, name, into(realm, args))
  }

  #evaluate(
    realm: Realm,
    call: number,
    request: TurnRequest & { op: typeof Op.evaluate },
  ): BridgeResult {
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
    return realm.complete(call, value, request.discard)
  }
}

/** Simple values as those of a realm. */
function into(realm: Realm, values: readonly Simple[]): readonly Passed[] {
  if (!values.some(isBytes)) return values
  return values.map((value) => (isBytes(value) ? realm.importBytes(value) : value))
}

function isBytes(value: Simple): value is Uint8Array {
  return typeof value === 'object' && value !== null
}

/** The compiler's errors are made in the worker's realm, from nothing of the script's. */
function syntaxOutcome(error: unknown): Outcome & { kind: 'thrown' } {
  const { name, message, stack } = error as Error
  const own = stack?.split('\n    at ')[0] ?? ''
  // Either may quote the source.
  const [shown, trace] = [message.slice(0, SHOWN), own.slice(0, SHOWN)]
  return { kind: 'thrown', name, message: shown, stack: trace, extra: undefined }
}
