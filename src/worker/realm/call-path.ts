/**
 * Makes the function that calls what a path leads to. Self-contained: it is carried into
 * contexts as source text, and captures the intrinsics it needs before any script runs.
 */
export function createCallPath(): (path: string, args: unknown[]) => unknown {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { apply } = Reflect
  const split = uncurry(String.prototype.split) as (s: string, by: string) => string[]
  const join = uncurry(Array.prototype.join) as (a: readonly string[], by: string) => string
  const TypeErrorOf = TypeError
  const SyntaxErrorOf = SyntaxError
  const EvalErrorOf = EvalError
  const MapOf = Map
  const mapGet = uncurry(Map.prototype.get) as (m: unknown, key: unknown) => never
  const mapSet = uncurry(Map.prototype.set)
  const evaluate = globalThis.eval
  const root = globalThis as Record<string, unknown>

  interface Path {
    readonly head: () => unknown
    /** All of the path, its head included. */
    readonly names: readonly string[]
  }

  /** Paths come from the host's own code, but nothing says that there are few. */
  const PATHS_KEPT = 1000
  const paths = new MapOf()
  let count = 0

  /**
   * Names resolve as an identifier in the script would: `let`, `const` and `class` of the
   * global scope are found too, which are no properties of the global object.
   */
  function headGetter(name: string): () => unknown {
    try {
      return evaluate(`() => ${name}`) as () => unknown
    } catch (error) {
      // No identifier; or no code is made of strings, and only the global object can be asked.
      if (!(error instanceof SyntaxErrorOf || error instanceof EvalErrorOf)) throw error
      return () => root[name]
    }
  }

  function pathOf(text: string): Path {
    const known = mapGet(paths, text) as Path | undefined
    if (known) return known
    const names = split(text, '\u0000')
    const path = { head: headGetter(names[0] as string), names }
    if (count++ < PATHS_KEPT) mapSet(paths, text, path)
    return path
  }

  return (text, args) => {
    const { head, names } = pathOf(text)
    let self: unknown
    let target = head()
    for (let i = 1; i < names.length; i++) {
      self = target
      target = (target as Record<string, unknown>)[names[i] as string]
    }
    if (typeof target !== 'function') throw new TypeErrorOf(`${join(names, '.')} is not a function`)
    return apply(target, self, args)
  }
}
