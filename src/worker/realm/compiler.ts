import { Script } from 'node:vm'

/** Compiled scripts kept for when the same source comes again, and the longest source kept. */
const SCRIPTS_KEPT = 512
const LONGEST_KEPT = 16 * 1024

/** Compiles scripts for any context of the process. */
export class Compiler {
  readonly #kept = new Map<string, Script>()

  /** Throws the compiler's SyntaxError, which is of this realm. */
  compile(source: string, filename: string): Script {
    return new Script(source, { filename })
  }

  /** The same, but sources seen of late are not compiled again. */
  recall(source: string, filename: string): Script {
    if (source.length > LONGEST_KEPT) return this.compile(source, filename)
    const key = `${filename}\0${source}`
    const known = this.#kept.get(key)
    const script = known ?? this.compile(source, filename)
    // A map keeps the order of insertion: what is used moves to the young end.
    if (known) this.#kept.delete(key)
    this.#kept.set(key, script)
    if (this.#kept.size > SCRIPTS_KEPT) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest)
        break
      }
    }
    return script
  }
}
