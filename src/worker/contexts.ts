import type { Script } from 'node:vm'
import type { Source } from '../wire/protocol.js'
import type { Compiler } from './realm/compiler.js'
import { Realm, type RealmPrograms } from './realm/realm.js'

interface Entry {
  realm: Realm
  /** The context's own start-up sources, for every reset. */
  readonly init: readonly Script[]
}

/** The contexts of one process, by the numbers that the service gave them. */
export class Contexts {
  readonly #compiler: Compiler
  readonly #programs: RealmPrograms
  readonly #entries = new Map<number, Entry>()
  #init: readonly Script[] = []
  /** Built to prove the start-up sources; the first context to come takes it. */
  #prepared: Realm | undefined

  constructor(compiler: Compiler, programs: RealmPrograms) {
    this.#compiler = compiler
    this.#programs = programs
  }

  /** Compiles the start-up sources of all contexts and proves them once. Throws what they throw. */
  init(sources: readonly Source[], trial: Trial): void {
    this.#init = sources.map(({ source, filename }) => this.#compiler.recall(source, filename))
    this.#prepared = this.#build([], trial)
  }

  /** Throws what the sources throw; then there is no context. */
  create(number: number, sources: readonly Source[], trial: Trial): void {
    const init = sources.map(({ source, filename }) => this.#compiler.recall(source, filename))
    const prepared = init.length === 0 ? this.#prepared : undefined
    if (prepared) this.#prepared = undefined
    const realm = prepared ?? this.#build(init, trial)
    this.#entries.set(number, { realm, init })
  }

  /** Replaces a context's realm. Throws what the sources throw; then the old one stays. */
  reset(number: number, trial: Trial): Realm | undefined {
    const entry = this.#entries.get(number)
    if (!entry) return undefined
    const old = entry.realm
    entry.realm = this.#build(entry.init, trial)
    return old
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

  #build(init: readonly Script[], trial: Trial): Realm {
    const realm = new Realm(this.#programs)
    trial(realm)
    for (const script of this.#init) realm.run(script)
    for (const script of init) realm.run(script)
    return realm
  }
}

/** Told which realm is about to run start-up sources, so that what they throw can be described. */
export type Trial = (realm: Realm) => void
