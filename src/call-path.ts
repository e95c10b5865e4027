import { VmOptionError } from './errors.js'

const EXPECTED = "a name or a path such as Math.max or a.b['c d']"
/**
 * One step of a path after the first: `.name`, `[0]`, `['text']` or `["text"]`. A backslash comes
 * before a quote or another one; other escapes are refused rather than read unlike JavaScript.
 */
const STEP =
  /\.(?<name>[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)|\[(?<index>\d+)\]|\['(?<single>(?:[^'\\]|\\['"\\])*)'\]|\["(?<double>(?:[^"\\]|\\['"\\])*)"\]/uy
/** Between segments on the wire; refused inside them. */
const SEPARATOR = '\u0000'
/** Characters that a path may have. */
const LONGEST_PATH = 4096
/** Characters of paths that are remembered: a service may take them from its tenants. */
const KEPT = 1024 * 1024

/** Parses what `call` is given, and remembers it: a service calls few functions, often. */
export class CallPaths {
  readonly #parsed = new Map<string, string>()
  /** Characters of all keys. */
  #size = 0

  /**
   * Parses a function's name, or a path to it from the global scope, into its segments joined
   * by U+0000. Throws `VmOptionError`.
   */
  parse(path: unknown): string {
    if (typeof path !== 'string') throw new VmOptionError('path', EXPECTED, path)
    const known = this.#parsed.get(path)
    if (known !== undefined) return known
    if (path.length > LONGEST_PATH) {
      throw new VmOptionError('path', `at most ${LONGEST_PATH} characters`, path.length)
    }
    const joined = segments(path).join(SEPARATOR)
    this.#size += path.length
    if (this.#size > KEPT) {
      this.#parsed.clear()
      this.#size = path.length
    }
    this.#parsed.set(path, joined)
    return joined
  }
}

function segments(path: string): string[] {
  // The first segment is a name without its dot.
  const text = `.${path}`
  const found: string[] = []
  STEP.lastIndex = 0
  while (STEP.lastIndex < text.length) {
    const groups = STEP.exec(text)?.groups
    if (!groups) throw new VmOptionError('path', EXPECTED, path)
    const quoted = groups.single ?? groups.double
    const segment = quoted?.replace(/\\(.)/gu, '$1') ?? groups.name ?? groups.index ?? ''
    if (segment === '__proto__' || segment.includes(SEPARATOR)) {
      throw new VmOptionError('path', `${EXPECTED}, without __proto__ or U+0000`, path)
    }
    found.push(segment)
  }
  return found
}
