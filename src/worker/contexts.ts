import type { Script } from 'node:vm'
import { type HostFunctionName, Op, type Source, type TurnRequest } from '../wire/protocol.js'
import type { Compiler } from './realm/compiler.js'
import { Realm } from './realm/realm.js'
import type { RealmPrograms } from './realm/realm-programs.js'
import { Stock } from './stock.js'

export type BuildRequest = TurnRequest & {
  op: typeof Op.init | typeof Op.create | typeof Op.reset
}

interface Entry {
  readonly realm: Realm
  /** The context's own start-up sources, for every reset. */
  readonly init: readonly Script[]
  /** The context's own functions of the host. */
  readonly functions: readonly HostFunctionName[]
}

/** A realm whose start-up sources have run, to be put in its place once the turn is left. */
export interface Draft extends Entry {
  readonly request: BuildRequest
  /** The start-up sources of all contexts, when they are what was built. */
  readonly shared: readonly Script[]
}

/** The contexts of one process, by the numbers that the service gave them. */
export class Contexts {
  readonly #compiler: Compiler
  readonly #programs: RealmPrograms
  readonly #entries = new Map<number, Entry>()
  #init: readonly Script[] = []
  readonly #stock = new Stock()

  constructor(compiler: Compiler, programs: RealmPrograms) {
    this.#compiler = compiler
    this.#programs = programs
  }

  /** Whether realms should be made in advance. */
  get isShort(): boolean {
    return this.#stock.isShort
  }

  /** How many are there that were made in advance. */
  get prepared(): number {
    return this.#stock.size
  }

  /** A realm made in advance, if there is one; the caller has it from then on. */
  takePrepared(): Realm | undefined {
    return this.#stock.take()
  }

  /** What can't be made in advance is not tried again before one is missed. */
  stopPreparing(): void {
    this.#stock.settle()
  }

  /** Takes out all that were made in advance. */
  clearPrepared(): Realm[] {
    return this.#stock.clear()
  }

  /** Makes a realm in advance: `keep` it, unless that throws. */
  prepare(onRealm: (realm: Realm) => void): Realm {
    return this.#build(this.#init, onRealm)
  }

  keep(realm: Realm): void {
    this.#stock.add(realm)
  }

  /**
   * Builds what a request asks for, of a realm made in advance if there is one; changes nothing yet.
   * `onRealm` is told of the realm before start-up sources run in it. Throws what they throw.
   */
  build(
    number: number,
    request: BuildRequest,
    prepared: Realm | undefined,
    onRealm: (realm: Realm) => void,
  ): Draft {
    if (request.op === Op.init) {
      const shared = this.#compile(request.sources)
      return { request, shared, init: [], functions: [], realm: this.#build(shared, onRealm) }
    }
    const { init, functions } =
      request.op === Op.create
        ? { init: this.#compile(request.sources), functions: request.functions }
        : (this.#entries.get(number) ?? { init: [], functions: [] })
    const shared = this.#init
    if (prepared) {
      onRealm(prepared)
      prepared.enter()
    }
    const realm = prepared ?? this.#build(shared, onRealm)
    realm.addFunctions(functions)
    for (const script of init) realm.run(script)
    return { request, shared, init, functions, realm }
  }

  /** Puts a draft in its place. Returns the realm that it replaces, if there is one. */
  commit(number: number, { request, shared, init, functions, realm }: Draft): Realm | undefined {
    if (request.op === Op.init) {
      this.#init = shared
      this.#stock.add(realm)
      return undefined
    }
    const before = this.#entries.get(number)?.realm
    this.#entries.set(number, { realm, init, functions })
    return before
  }

  destroy(number: number): Realm | undefined {
    const realm = this.#entries.get(number)?.realm
    this.#entries.delete(number)
    return realm
  }

  get(number: number): Realm | undefined {
    return this.#entries.get(number)?.realm
  }

  numbers(): number[] {
    return [...this.#entries.keys()]
  }

  #compile(sources: readonly Source[]): Script[] {
    return sources.map(({ source, filename, code }) =>
      this.#compiler.recall(source, filename, code),
    )
  }

  #build(scripts: readonly Script[], onRealm: (realm: Realm) => void): Realm {
    const realm = new Realm(this.#programs)
    onRealm(realm)
    for (const script of scripts) realm.run(script)
    return realm
  }
}
