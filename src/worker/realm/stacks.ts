/**
 * Answers, inside a context, what V8 and Node ask when a stack is formatted: the script's own
 * frames and no others. Below the first frame of `filename`, the worker's program in the context,
 * there are only more of the worker's.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function formatStacks(filename: string): void {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const errorToString = uncurry(Error.prototype.toString) as (e: unknown) => string
  const indexOf = uncurry(String.prototype.indexOf) as (s: string, of: string) => number
  const foreign = [filename, 'node:', 'file:///']

  function textOf(read: () => string): string {
    try {
      return read()
    } catch {
      return ''
    }
  }

  function isForeign(frame: string): boolean {
    for (let i = 0; i < foreign.length; i++) {
      if (indexOf(frame, foreign[i] as string) !== -1) return true
    }
    return false
  }

  function prepareStackTrace(error: unknown, sites: readonly object[]): string {
    let text = textOf(() => errorToString(error))
    for (let i = 0; i < sites.length; i++) {
      const frame = textOf(() => `${sites[i]}`)
      if (isForeign(frame)) break
      text += `\n    at ${frame}`
    }
    return text
  }

  // With a setter that does nothing, scripts that want to format stacks themselves go on.
  Object.defineProperty(Error, 'prepareStackTrace', {
    get: () => prepareStackTrace,
    set: () => {},
    enumerable: false,
    configurable: false,
  })
}
