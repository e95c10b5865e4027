import type { Script } from 'node:vm'
import type { Compiler } from './compiler.js'
import type { Primitive } from './outcome.js'

/** What a call passes on as it is: bytes are of its realm. */
export type Passed = Primitive | Uint8Array
/** Calls the function at a path. Of the realm that it was made in, as all it does then is. */
export type Invoke = (...args: Passed[]) => unknown
/** Has it called by `apply` with a list of arguments, of which only that knows. */
export type InvokeWith = (apply: (fn: unknown, self: unknown) => unknown) => unknown

const FILE = 'vmring:call'
/** Of more arguments than these, each number is not worth a script of its own. */
const MOST_DIRECT = 8
/**
 * Bytes of scripts that are kept, by a guess at what each takes (7 KiB and more on Node 20), and by its text.
 * They are on nobody's account.
 */
const KEPT = 8 * 1024 * 1024
const ENTRY_SIZE = 1024
const SCRIPT_SIZE = 8 * 1024
const CHARACTER_SIZE = 16
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u

/** A script of a path; whatever it is compiled to anew has the same key. */
export interface PathScript {
  readonly key: string
  readonly script: Script
}

/**
 * A path to a function, compiled: for each number of arguments a script whose value calls it. The value
 * is made once in each realm, and the code of all of them is one: what realms have of their own is cold in
 * the processor's caches when there are thousands.
 *
 * The call is the realm's. Calling a script's function from here would make V8 hand arrays of the worker's
 * own realm to it, if it is a proxy.
 */
export class PathProgram {
  readonly #compile: (source: string) => Script
  readonly #head: Head
  /** The steps after the head. */
  readonly #steps: readonly string[]
  /** Begins names that the path's own does not. */
  readonly #prefix: string
  readonly #direct: (PathScript | undefined)[] = []
  #listed: PathScript | undefined
  readonly #path: string
  /** As errors show it. */
  readonly name: string

  /** Segments are joined by U+0000. */
  constructor(path: string, compile: (source: string) => Script) {
    const [head, ...steps] = path.split('\u0000') as [string, ...string[]]
    this.#compile = compile
    this.#path = path
    this.#head = headOf(compile, head)
    this.#steps = steps.map(stepOf)
    this.#prefix = head.startsWith('_') ? '$' : '_'
    this.name = [head, ...steps].join('.')
  }

  /** A script whose value is an `Invoke` of so many arguments; undefined when it takes an `InvokeWith`. */
  direct(count: number): PathScript | undefined {
    const known = this.#direct[count]
    if (known) return known
    const { mode, code, isCalled } = this.#head
    if (count > MOST_DIRECT || !isCalled) return undefined
    const args = Array.from({ length: count }, (_, i) => this.#prefix + i).join()
    const script = this.#compile(`${mode}(${args}) => ${code}${this.#steps.join('')}(${args})`)
    const made = { key: `${count} ${this.#path}`, script }
    this.#direct[count] = made
    return made
  }

  /** A script whose value is an `InvokeWith`. */
  get listed(): PathScript {
    this.#listed ??= { key: this.#path, script: this.#compile(this.#listedSource()) }
    return this.#listed
  }

  #listedSource(): string {
    const { mode, code } = this.#head
    const apply = `${this.#prefix}0`
    const self = `${this.#prefix}1`
    const last = this.#steps.at(-1)
    if (last === undefined) return `${mode}(${apply}) => ${apply}(${code}, void 0)`
    const owner = code + this.#steps.slice(0, -1).join('')
    return `${mode}(${apply}) => { const ${self} = ${owner}; return ${apply}(${self}${last}, ${self}) }`
  }
}

/** What a path begins with, as code. */
interface Head {
  /** Goes before all code. */
  readonly mode: string
  readonly code: string
  /** Whether it may be called as it stands there; or V8 would show in errors how it was made. */
  readonly isCalled: boolean
}

const STRICT = "'use strict';"

/**
 * Names resolve as an identifier in a script would: `let`, `const` and `class` of the global scope are
 * found too, which are no properties of the global object. Reserved words are looked for there alone; those
 * that only strict code reserves are names, for most scripts are not.
 */
function headOf(compile: (source: string) => Script, name: string): Head {
  for (const mode of [STRICT, '']) {
    try {
      compile(`${mode}() => ${name}`)
      // Called by its name `eval` would run code with what is in scope here.
      return { mode, code: name, isCalled: name !== 'eval' }
    } catch {
      // It is reserved in that mode.
    }
  }
  return { mode: STRICT, code: `this[${JSON.stringify(name)}]`, isCalled: false }
}

function stepOf(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

interface Entry {
  readonly program: PathProgram
  /** What its scripts take, in bytes. */
  size: number
  /** Whether it was called since it was last about to go. */
  isUsed: boolean
}

/** The paths that have been called in a process, compiled when they first are. */
export class PathPrograms {
  readonly #compiler: Compiler
  readonly #known = new Map<string, Entry>()
  #size = 0

  constructor(compiler: Compiler) {
    this.#compiler = compiler
  }

  /** Segments are joined by U+0000. */
  of(path: string): PathProgram {
    const known = this.#known.get(path)
    if (known) {
      known.isUsed = true
      return known.program
    }
    const program = new PathProgram(path, (source) => this.#compile(path, source))
    const entry: Entry = { program, size: 0, isUsed: true }
    this.#known.set(path, entry)
    this.#grow(entry, ENTRY_SIZE)
    return program
  }

  #compile(path: string, source: string): Script {
    const script = this.#compiler.compile(source, FILE)
    const entry = this.#known.get(path)
    if (entry) this.#grow(entry, SCRIPT_SIZE + source.length * CHARACTER_SIZE)
    return script
  }

  #grow(entry: Entry, bytes: number): void {
    entry.size += bytes
    this.#size += bytes
    // A map keeps the order of insertion. Each has a second chance: to move what is called to the young end at
    // each call would cost the call more.
    for (const [path, oldest] of this.#known) {
      if (this.#size <= KEPT) break
      if (oldest === entry) continue
      this.#known.delete(path)
      if (oldest.isUsed) this.#known.set(path, oldest)
      else this.#size -= oldest.size
      oldest.isUsed = false
    }
  }
}
