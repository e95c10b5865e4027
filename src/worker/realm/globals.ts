import type { Features } from '../../wire/worker-options.js'

/**
 * Arranges a context's global scope before any script sees it. Out goes what runs outside of
 * turns, or could stop the thread: callbacks of FinalizationRegistry come when V8 likes;
 * `Atomics.wait` blocks; WebAssembly compiles and settles on other threads. What `features` brings
 * back comes without those parts.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function arrangeGlobals({ sharedMemory, webAssembly }: Features): void {
  const scope = globalThis as unknown as Record<string, Record<string, unknown> | undefined>

  function takeOut(from: Record<string, unknown> | undefined, names: readonly string[]): void {
    for (let i = 0; from && i < names.length; i++) delete from[names[i] as string]
  }

  function define(target: object, name: string, value: unknown): void {
    const property = { value, enumerable: false, configurable: true, writable: true }
    Object.defineProperty(target, name, property)
  }

  takeOut(scope, ['FinalizationRegistry'])
  if (sharedMemory) takeOut(scope.Atomics, ['wait', 'waitAsync'])
  else takeOut(scope, ['SharedArrayBuffer', 'Atomics'])
  if (webAssembly) {
    takeOut(scope.WebAssembly, [
      'compile',
      'instantiate',
      'compileStreaming',
      'instantiateStreaming',
      'promising',
      'Suspending',
      'SuspendError',
      'JSTag',
    ])
  } else takeOut(scope, ['WebAssembly'])

  // V8 keeps registered symbols, and their keys, for as long as the process lives: a realm has a
  // registry of its own, which goes with it.
  const symbols = new Map<string, symbol>()
  const keys = new Map<symbol, string>()
  const { get, set } = Map.prototype
  const { apply } = Reflect
  const SymbolOf = Symbol
  const TypeErrorOf = TypeError
  const registry = {
    for(key: unknown): symbol {
      const text = `${key}`
      const known = apply(get, symbols, [text]) as symbol | undefined
      if (known) return known
      const symbol = SymbolOf(text)
      apply(set, symbols, [text, symbol])
      apply(set, keys, [symbol, text])
      return symbol
    },
    keyFor(symbol: unknown): string | undefined {
      if (typeof symbol !== 'symbol') throw new TypeErrorOf(`${symbol} is not a symbol`)
      return apply(get, keys, [symbol]) as string | undefined
    },
  }
  define(Symbol, 'for', registry.for)
  define(Symbol, 'keyFor', registry.keyFor)

  // V8's own leads to the inspector, which keeps what it is given.
  const inert: Record<string, () => void> = {}
  const methods = [
    ...['assert', 'clear', 'count', 'countReset', 'debug', 'dir', 'dirxml', 'error', 'group'],
    ...['groupCollapsed', 'groupEnd', 'info', 'log', 'table', 'time', 'timeEnd', 'timeLog'],
    ...['timeStamp', 'trace', 'warn'],
  ]
  for (let i = 0; i < methods.length; i++) {
    const name = methods[i] as string
    inert[name] = { [name]() {} }[name] as () => void
  }
  define(globalThis, 'console', inert)
}
