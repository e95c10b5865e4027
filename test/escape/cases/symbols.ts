import type { EscapeCase } from '../case.js'

/** Symbols that all realms share: registered ones that Node.js listens to, and the well-known. */

/** Those that Node.js looks for on objects that it is given. */
const registered = [
  ...['nodejs.util.inspect.custom', 'nodejs.util.promisify.custom', 'nodejs.rejection'],
  ...['nodejs.stream.destroyed', 'nodejs.stream.readable', 'nodejs.stream.writable'],
  ...['nodejs.stream.errored', 'nodejs.webstream.isClosedPromise', 'nodejs.event_target'],
  ...['nodejs.webstream.controllerErrorFunction', 'nodejs.dispose', 'nodejs.asyncDispose'],
  ...[
    'undici.globalDispatcher.1',
    'vm_dynamic_import_main_context_default',
    'nodejs.worker_threads',
  ],
]

export const symbols: readonly EscapeCase[] = [
  {
    name: 'registered symbols of Node.js on a result',
    advisory: 'vm2 GHSA-m5q2-4fm3-vfqp (CVE-2026-47135)',
    script: `
      const made = {}
      for (const name of ${JSON.stringify(registered)}) made[Symbol.for(name)] = probe.spy(name, 'x')
      ;[made, Object.assign(() => {}, made), Object.create(made)]`,
  },
  {
    name: 'registered symbols of Node.js on prototypes and errors',
    advisory: 'vm2 GHSA-m5q2-4fm3-vfqp (CVE-2026-47135)',
    script: `
      for (const name of ${JSON.stringify(registered)}) {
        for (const o of [Object.prototype, Error.prototype, Promise.prototype, Function.prototype]) {
          o[Symbol.for(name)] = probe.spy(name, 'x')
        }
      }
      Promise.reject(new Error('x'))`,
    ends: 'thrown',
  },
  {
    name: 'symbols found on what is in scope',
    advisory: 'vm2 GHSA-47x8-96vw-5wg6 (CVE-2026-43997)',
    script: `
      const known = new Set(Object.getOwnPropertyNames(Symbol).map((name) => Symbol[name]))
      const look = (what, o) => {
        for (const key of Object.getOwnPropertySymbols(o)) {
          if (!known.has(key)) probe.leak(what + ' has ' + String(key))
        }
      }
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        for (let o = Object(globalThis[name]); o; o = Object.getPrototypeOf(o)) look(name, o)
      }
      look('a promise', Promise.resolve())
      look('an promise of an async function', (async () => {})())
      look('an error', new Error('x'))
      look('a reaction', Promise.resolve().then(() => {}))`,
  },
  {
    name: 'symbol keys that a proxy is asked for',
    advisory: 'vm2 docs/ATTACKS.md, category 8 (Object.assign to a proxy)',
    script: `
      const known = new Set(Object.getOwnPropertyNames(Symbol).map((name) => Symbol[name]))
      const ask = (target, key) => {
        if (typeof key === 'symbol' && !known.has(key)) probe.leak('asked for ' + String(key))
        return target[key]
      }
      const has = (target, key) => (ask(target, key), key in target)
      const asked = new Proxy({ a: 1 }, { get: ask, has, getOwnPropertyDescriptor: (target, key) => {
        ask(target, key); return Reflect.getOwnPropertyDescriptor(target, key) } })
      ;(async () => [asked, { asked }])()`,
  },
  {
    name: 'well-known symbols on whatever is returned',
    advisory: 'vm2 docs/ATTACKS.md, category 3',
    script: `
      const made = function () {}
      for (const name of Object.getOwnPropertyNames(Symbol)) {
        if (typeof Symbol[name] !== 'symbol') continue
        Object.defineProperty(made, Symbol[name], { get: probe.spy(name, () => probe.spy(name + '()', 'x')) })
      }
      Promise.resolve([made, Object.create(made), new Proxy(made, {})])`,
  },
  {
    name: 'the registry as a way between contexts',
    advisory: 'vm2 GHSA-jf8q-945g-9q4c',
    script: `
      const key = Symbol.for('a name that contexts agree on')
      for (const o of [globalThis, Symbol, Object, Symbol.prototype, key]) {
        if (o[key] !== undefined) probe.leak('something was left under the key')
      }
      globalThis[key] = Object.prototype[key] = {}
      probe.walk('key', key)
      function receive() { return Symbol.keyFor(key) }`,
    call: 'receive',
  },
]
