/**
 * Takes out of a context's global scope what would run outside of turns, or could stop the
 * thread: callbacks of FinalizationRegistry come when V8 likes; Atomics.wait blocks; WebAssembly
 * compiles and settles on other threads, and its memory can be shared.
 *
 * Leaves a console that does nothing. V8's own writes nowhere either, but keeps what the last
 * thousand calls in the process were given, for an inspector: with it, whole contexts, long
 * after they were destroyed.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function restrictGlobals(): void {
  for (const name of ['FinalizationRegistry', 'WebAssembly', 'SharedArrayBuffer', 'Atomics']) {
    delete (globalThis as Record<string, unknown>)[name]
  }
  const methods = console as unknown as Record<string, unknown>
  const nothing = () => {}
  for (const name of Object.keys(methods)) methods[name] = nothing
  // Whoever finds these expects something back.
  for (const name of ['context', 'createTask']) delete methods[name]
}
