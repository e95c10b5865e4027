import { Script } from 'node:vm'

/** Compiled scripts kept for when the same source comes again, and the longest source kept. */
const SCRIPTS_KEPT = 512
const LONGEST_KEPT = 16 * 1024

/** Compiles scripts for any context of the process. */
export class Compiler {
  readonly #kept = new Map<string, Script>()
  readonly #importModuleDynamically: (specifier: string) => never

  /** `onImport` is told of every `import()`, whose rejection arrives after the turn. */
  constructor(onImport: () => void) {
    // Throws a primitive: an error of the worker's realm must not reach a script. Node asks
    // this callback only under `--experimental-vm-modules`.
    this.#importModuleDynamically = (specifier) => {
      onImport()
      throw `import(${JSON.stringify(specifier)}) is not available in a context`
    }
  }

  /** Throws the compiler's SyntaxError, which is of this realm. */
  compile(source: string, filename: string): Script {
    return new Script(source, { filename, importModuleDynamically: this.#importModuleDynamically })
  }

  /**
   * The same, but sources seen of late are not compiled again. That is more than a saving:
   * with an import callback, V8's own cache grows an entry for each compilation of an equal
   * source and walks them all; measured on `1`: 85-330 us, against 1-2 us to run it.
   */
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
