/**
 * Takes out of a context's global scope what would run outside of turns, or could stop the
 * thread: callbacks of FinalizationRegistry come when V8 likes; Atomics.wait blocks; WebAssembly
 * compiles and settles on other threads, and its memory can be shared.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function restrictGlobals(): void {
  for (const name of ['FinalizationRegistry', 'WebAssembly', 'SharedArrayBuffer', 'Atomics']) {
    delete (globalThis as Record<string, unknown>)[name]
  }
}
