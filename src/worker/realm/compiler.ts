import { Script } from 'node:vm'

/**
 * Characters of source whose compiled scripts are kept for when they come again, in all and of one.
 * Compiled, a script takes some fifteen times its source, on nobody's account.
 */
const KEPT = 256 * 1024
const LONGEST_KEPT = 16 * 1024

/** Compiles scripts for any context of the process. */
export class Compiler {
  readonly #kept = new Map<string, Script>()
  /** Characters of all keys. */
  #size = 0

  /** Throws the compiler's SyntaxError, which is of this realm. */
  compile(source: string, filename: string, code?: Uint8Array): Script {
    // Of another V8, or spoiled, it is compiled all the same.
    return new Script(source, code ? { filename, cachedData: code as Buffer } : { filename })
  }

  /** The same, but sources seen of late are not compiled again. */
  recall(source: string, filename: string, code?: Uint8Array): Script {
    if (source.length > LONGEST_KEPT) return this.compile(source, filename, code)
    // Both are a tenant's: where one ends must not be theirs to say.
    const key = `${filename.length} ${filename}${source}`
    const known = this.#kept.get(key)
    const script = known ?? this.compile(source, filename, code)
    // A map keeps the order of insertion: what is used moves to the young end.
    if (known) this.#kept.delete(key)
    else this.#size += key.length
    this.#kept.set(key, script)
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= KEPT) break
      this.#kept.delete(oldest)
      this.#size -= oldest.length
    }
    return script
  }
}
