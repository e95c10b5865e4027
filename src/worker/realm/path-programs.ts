import type { Script } from 'node:vm'
import type { Compiler } from './compiler.js'
import type { Primitive } from './outcome.js'

/** Calls the function at a path. Of the realm that it was made in, as all it does then is. */
export type Invoke = (...args: (Primitive | Uint8Array)[]) => unknown
/** Has it called by `apply` with a list of arguments, of which only that knows. */
export type InvokeWith = (apply: (fn: unknown, self: unknown) => unknown) => unknown

const FILE = 'vmring:call'
/** Paths come from the service's own code, but nothing says that there are few. */
const PATHS_KEPT = 1000
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u

/**
 * A path to a function, compiled: for each number of arguments a script whose value calls it. The value
 * is made once in each realm, and the code of all of them is one: what realms have of their own is cold in
 * the processor's caches when there are thousands.
 *
 * The call is the realm's. Calling a script's function from here would make V8 hand arrays of the worker's
 * own realm to it, if it is a proxy.
 */
export class PathProgram {
  readonly #compiler: Compiler
  /** What comes before the last segment, if there is any; and all of it. */
  readonly #owner: string | undefined
  readonly #target: string
  readonly #last: string
  /** Begins names that the path's own does not. */
  readonly #prefix: string
  readonly #direct: (Script | undefined)[] = []
  #listed: Script | undefined
  /** As errors show it. */
  readonly name: string

  constructor(compiler: Compiler, path: string) {
    const names = path.split('\u0000')
    const [head, ...steps] = names as [string, ...string[]]
    const parts = [headOf(compiler, head), ...steps.map(stepOf)]
    this.#compiler = compiler
    this.name = names.join('.')
    this.#prefix = head.startsWith('_') ? '$' : '_'
    this.#target = parts.join('')
    this.#last = steps.length > 0 ? (parts.pop() as string) : ''
    this.#owner = steps.length > 0 ? parts.join('') : undefined
  }

  /** A script whose value is an `Invoke` of so many arguments. */
  direct(count: number): Script {
    const known = this.#direct[count]
    if (known) return known
    const args = Array.from({ length: count }, (_, i) => this.#prefix + i).join()
    const script = this.#compiler.compile(
      `'use strict';(${args}) => ${this.#target}(${args})`,
      FILE,
    )
    this.#direct[count] = script
    return script
  }

  /** A script whose value is an `InvokeWith`. */
  get listed(): Script {
    const apply = `${this.#prefix}0`
    const self = `${this.#prefix}1`
    this.#listed ??= this.#compiler.compile(
      this.#owner === undefined
        ? `'use strict';(${apply}) => ${apply}(${this.#target}, void 0)`
        : `'use strict';(${apply}) => { const ${self} = ${this.#owner}; return ${apply}(${self}${this.#last}, ${self}) }`,
      FILE,
    )
    return this.#listed
  }
}

/**
 * Names resolve as an identifier in a script would: `let`, `const` and `class` of the global scope are
 * found too, which are no properties of the global object. Reserved words are looked for there alone.
 */
function headOf(compiler: Compiler, name: string): string {
  try {
    compiler.compile(`'use strict';() => ${name}`, FILE)
  } catch {
    return `(0, this[${JSON.stringify(name)}])`
  }
  // Called by its name it would run code with what is in scope here.
  return name === 'eval' ? '(0, eval)' : name
}

function stepOf(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

/** The paths that have been called in a process, compiled when they first are. */
export class PathPrograms {
  readonly #compiler: Compiler
  readonly #known = new Map<string, PathProgram>()

  constructor(compiler: Compiler) {
    this.#compiler = compiler
  }

  /** Segments are joined by U+0000. */
  of(path: string): PathProgram {
    const known = this.#known.get(path)
    if (known) return known
    const program = new PathProgram(this.#compiler, path)
    if (this.#known.size >= PATHS_KEPT) this.#known.clear()
    this.#known.set(path, program)
    return program
  }
}
