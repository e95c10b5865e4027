import type { EscapeCase } from '../case.js'

/** WebAssembly catches without `catch`, suspends without `await`, and streams by way of the host. */
export const webassembly: readonly EscapeCase[] = [
  {
    name: 'the tag of JavaScript exceptions',
    advisory: 'vm2 GHSA-ffh4-j6h5-pg66 (CVE-2026-26956)',
    script: `
      if (globalThis.WebAssembly?.JSTag ?? globalThis.WebAssembly?.Tag) probe.leak('tags')
      probe.outcome('Exception', () => new WebAssembly.Exception(WebAssembly.JSTag, [1]))`,
  },
  {
    name: 'streaming, which the host answers',
    advisory: 'vm2 docs/ATTACKS.md, category 8 (compileStreaming)',
    script: `
      const source = { [Symbol.for('nodejs.util.inspect.custom')]: probe.spy('inspect', 'x') }
      const names = ['compileStreaming', 'instantiateStreaming', 'compile', 'instantiate']
      Promise.all(names.map((name) =>
        probe.settles(name, (async () => WebAssembly[name](source))())))`,
  },
  {
    name: 'suspended promises',
    advisory: 'vm2 GHSA-6j2x-vhqr-qr7q (CVE-2026-47210)',
    script: `
      for (const name of ['promising', 'Suspending', 'SuspendError', 'Suspender']) {
        if (globalThis.WebAssembly?.[name]) probe.leak(name)
      }`,
  },
  {
    name: 'a module`s exports and memory',
    advisory: 'Node.js documentation, vm: codeGeneration.wasm',
    script: `
      const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])
      probe.outcome('module', () => new WebAssembly.Module(bytes))
      if (typeof WebAssembly !== 'undefined') probe.leak('compiled code')`,
  },
  {
    name: 'asm.js, which is compiled to WebAssembly behind the scenes',
    advisory: 'V8: asm.js modules, whose warnings Node.js hands to process.emitWarning',
    script: `
      const source = '(function (stdlib, foreign) { "use asm"; var log = foreign.log; ' +
        'function f(x) { x = x | 0; log(); return (x + 1) | 0 } return f })'
      const f = eval(source)(globalThis, { log: probe.spy('log') })
      probe.walk('f', f)
      probe.check('result', f(1))
      probe.deep('valid', 'eval(source)(globalThis, { log: String })')
      probe.deep('invalid', 'eval(source.replace("x | 0", "x"))({}, { log: String })')`,
  },
  {
    name: 'threads and shared memory, found again',
    advisory: 'ECMAScript, Atomics.wait: an agent that can block',
    script: `
      for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry']) {
        for (const run of [eval, (text) => new Function('return ' + text)(), (text) => globalThis[text]]) {
          try { if (run('typeof ' + name) !== 'undefined' && run(name)) probe.leak(name) } catch {}
        }
        if (Reflect.ownKeys(globalThis).includes(name)) probe.leak(name)
      }`,
  },
]
