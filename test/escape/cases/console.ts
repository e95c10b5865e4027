import type { EscapeCase } from '../case.js'

/** The console, which looks at anything a script has; and whatever of it is called meanwhile. */

/** Hands values to every method there is, in every way. */
const sayAll = `
  const sayAll = (...values) => {
    for (const name of Object.getOwnPropertyNames(console)) {
      probe.outcome(name, () => console[name](...values))
      for (const value of values) probe.outcome(name, () => console[name](value, value))
    }
    for (const value of values) {
      probe.outcome('directives', () => console.log('%s %d %i %f %j %o %O %c %%', value, value, value, value,
        value, value, value, value))
      probe.outcome('nested', () => console.dir([{ a: { b: [value] } }], { depth: null, showHidden: true }))
      probe.outcome('table', () => console.table([value, { value }, [value]], ['value', value]))
    }
  }`

export const consoleCases: readonly EscapeCase[] = [
  {
    name: 'the console, its methods, and what they are made of',
    advisory: 'isolated-vm issue 276: console methods as references',
    script: `
      for (const key of Reflect.ownKeys(console)) {
        const method = console[key]
        probe.walk(String(key), method)
        if (typeof method !== 'function') continue
        probe.text(String(key), Function.prototype.toString.call(method))
        probe.outcome('new', () => new method('x'))
        probe.outcome('construct', () => Reflect.construct(Object, [], method))
        for (const self of [undefined, null, {}, probe.proxy('this', {}), globalThis, console.log]) {
          probe.outcome('this', () => probe.walk('returned', method.call(self, 'x')))
        }
      }
      probe.walk('console', Object.getPrototypeOf(console))`,
  },
  {
    name: 'conversions that format directives call',
    advisory: 'vm2 docs/ATTACKS.md, category 9: what util.inspect hands to a script',
    script: `${sayAll}
      const conversions = { toString: 't', valueOf: 1, toJSON: {}, [Symbol.toPrimitive]: '1' }
      for (const key of Reflect.ownKeys(conversions)) {
        sayAll({ [key]: probe.spy(String(key), () => conversions[key]) })
        sayAll({ [key]: probe.spy(String(key), () => ({})) })
        sayAll({ [key]: probe.spy(String(key), () => { throw { thrown: 1 } }) })
        sayAll({ get [key]() { return probe.spy(String(key)) } })
      }
      for (const tag of [probe.spy('tag', () => 'Map'), probe.spy('tag', () => { throw 1 })]) {
        sayAll({ get [Symbol.toStringTag]() { return tag() } })
      }`,
  },
  {
    name: 'symbols that an inspection asks for',
    advisory: 'vm2 GHSA-47x8-96vw-5wg6 (CVE-2026-43997)',
    script: `${sayAll}
      for (const name of ['nodejs.util.inspect.custom', 'nodejs.util.promisify.custom', 'nodejs.rejection']) {
        sayAll({ [Symbol.for(name)]: probe.spy(name, (...args) => { probe.leak(name); return args[2] }) })
        sayAll(class { static [Symbol.for(name)] = probe.spy(name) })
      }
      sayAll({ inspect: probe.spy('inspect'), [Symbol.iterator]: probe.spy('iterator'), length: 3 })`,
  },
  {
    name: 'proxies, shown',
    advisory: 'vm2 GHSA-v37h-5mfm-c47c (CVE-2026-24781)',
    script: `${sayAll}
      const { proxy, revoke } = Proxy.revocable([], {})
      revoke()
      sayAll(proxy, probe.proxy('object', { a: 1 }), probe.proxy('array', [1]), probe.proxy('function', () => 1))
      sayAll(probe.proxy('map', new Map([[1, 2]])), probe.proxy('error', new TypeError('x')))
      sayAll(new Proxy({}, { getPrototypeOf: () => new Proxy({}, { getPrototypeOf() { throw {} } }) }))
      sayAll(new Proxy([], { get: probe.spy('get', (_, key) => key === 'length' ? 2 ** 32 : undefined) }))
      const liar = new Proxy({}, { ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: probe.spy('descriptor', () =>
        ({ get: probe.spy('got'), configurable: true, enumerable: true })) })
      sayAll(liar, [liar], new Map([[liar, liar]]), new Error('x', { cause: liar }))`,
  },
  {
    name: 'exotic objects, shown',
    advisory: 'n8n GHSA-6cqr-8cfr-67f8 (CVE-2026-25049)',
    script: `${sayAll}
      const gone = new ArrayBuffer(8)
      gone.transfer?.()
      const cycle = { list: [] }
      cycle.list.push(cycle)
      const values = [function* () {}(), (async function* () {})(), new WeakMap([[{}, 1]]), Promise.reject(1), gone,
        Object.create(null), Object.create(Object.create(null)), cycle, new (class extends Array {})(3), 2n ** 90n,
        Object('x'), Object(Symbol('s')), new Date(NaN), new Error(''), new DataView(new ArrayBuffer(2)), globalThis,
        (function () { return arguments })(1, 2), new (class extends null { constructor() { return Object.create(
        new.target.prototype) } })(), class A { static x = 1 }, Intl, new Intl.Segmenter(), host, console]
      values.forEach((value) => value?.catch?.(() => {}))
      for (const value of values) sayAll(value)
      const odd = new Error('x')
      Object.defineProperties(odd, { name: { value: Symbol('n') }, stack: { get: probe.spy('stack', () => ({})) },
        message: { get: probe.spy('message', () => { throw odd }) } })
      sayAll(odd, Object.assign(new TypeError('y'), { name: { toString: probe.spy('name') } }))`,
  },
  {
    name: 'the console near the end of the stack',
    advisory: 'near-membrane issue 48: overflow errors are of the realm of what is called',
    script: `(async () => {
      await probe.deep('text', "console.log('x')")
      await probe.deep('object', 'console.error({ a: [new Map([[1, {}]])] })')
      await probe.deep('error', "console.warn(new Error('x'))")
      await probe.deep('trace', "console.trace('x')")
      await probe.deep('table', 'console.table([{ a: 1 }])')
      await probe.deep('time', "(console.time('x'), console.timeEnd('x'))")
      const dive = () => { try { return dive() } catch (error) { probe.check('overflow', error); return 'end' } }
      console.log('%s', { toString: dive }, { get [Symbol.toStringTag]() { return dive() } })
    })()`,
  },
  {
    name: 'the console among hostile built-ins',
    advisory: 'vm2 docs/ATTACKS.md, invariant 11: containers of the bridge must not call a script',
    script: `${sayAll}
      const values = [{ a: 1 }, [1, [2]], new Map([[1, {}]]), new Set([1]), new Error('x'), /x/, 'text', 1n, Symbol('s'),
        new Uint8Array(3), new Date(0), () => {}]
      for (const Class of [Object, Array, String, Number, Symbol, BigInt, Map, Set, RegExp, Date, Function, Error]) {
        probe.infest(Class.name, Class)
        probe.infest(Class.name, Class.prototype)
      }
      probe.infest('Reflect', Reflect)
      probe.infest('JSON', JSON)
      probe.infest('Math', Math)
      sayAll(...values)`,
  },
  {
    name: 'fields and indices on prototypes, while the console looks',
    advisory: 'vm2 GHSA-9qj6-qjgg-37qq (CVE-2026-44008)',
    script: `${sayAll}
      const owned = ['left', 'steps', 'missing', 'isPartial', 'seen', 'circular', 'entries', 'emit', 'work', 'run',
        'heads', 'rows', 'wanted', 'kind', 'level', 'next', 'text', 'width', 'base', 'name', 'tag', 'brand', 'get', 'set']
      const values = [{ a: 1 }, [1, 2, 3], new Map([[1, {}]]), new Error('x')]
      probe.trip('Object.prototype', Object.prototype, owned)
      for (let i = 0; i < 8; i++) {
        const found = function (value) {
          if (this !== undefined && 'work' in Object(this)) probe.leak('the state of the console')
          if (Object(value) === value && ('emit' in value || 'run' in value)) probe.leak('an inspection')
        }
        Object.defineProperty(Array.prototype, i, { configurable: true, get: probe.spy('get'), set: probe.spy('set', found) })
      }
      sayAll(...values)`,
  },
  {
    name: 'what console.trace makes of the stack',
    advisory: 'vm2 GHSA-6pw2-5hjv-9pf7 (CVE-2021-23555)',
    script: `
      const sites = probe.spy('prepareStackTrace', (error, sites) => { probe.walk('sites', sites); return sites })
      const limits = [0, 1, Infinity, -1, 'x', { valueOf: probe.spy('limit') }, undefined]
      for (const limit of limits) {
        Error.stackTraceLimit = limit
        Error.prepareStackTrace = sites
        console.trace('x', new Error('y'))
        console.error(new Error('z'))
      }
      Error.captureStackTrace = probe.spy('captureStackTrace')
      console.trace = probe.spy('trace', console.trace)
      console.trace(1)
      delete Error.prepareStackTrace
      Object.defineProperty(Object.prototype, 'stack', { configurable: true, set: probe.spy('stack'), get: probe.spy('stack') })
      console.trace(2)
      globalThis.Error = class { static prepareStackTrace = sites }
      console.trace(3)`,
  },
  {
    name: 'texts that are no strings, and labels that are none',
    advisory: 'SandboxJS GHSA-58jh-xv4v-pcx4 (CVE-2026-25520)',
    script: `
      const odd = [{ toString: probe.spy('label', () => 'l') }, Symbol('s'), null, 1n, { toString: () => ({}) },
        probe.proxy('label', {}), Object('boxed'), ['l'], '__proto__', 'constructor', 'x'.repeat(2 ** 21)]
      for (const label of odd) {
        for (const name of ['count', 'countReset', 'time', 'timeLog', 'timeEnd', 'group', 'groupEnd', 'assert']) {
          probe.outcome(name, () => console[name](label))
          probe.outcome(name, () => console[name](name === 'assert' ? 0 : label, label, { label }))
        }
      }
      String.prototype.toString = Array.prototype.join = String.prototype.concat = probe.spy('text', () => ({}))
      console.log('a', ['b'], '%s', 'c')`,
  },
  {
    name: 'more lines than anybody reads, from within a conversion too',
    advisory: 'vm2 GHSA-6785-pvv7-mvg7: unbounded allocation in the host',
    script: `
      for (let i = 0; i < 5000; i++) console.log('line', i)
      const again = { toString() { console.log('%s', again); return 'x'.repeat(1e6) } }
      console.log('%s', again)
      console.log('x'.repeat(2 ** 25), '\\ud800'.repeat(1e4), '\\u0000\\u001b[2J')
      console.log(Array.from({ length: 1e5 }, (_, i) => ({ i })), new Map(Array.from({ length: 1e4 }, (_, i) => [i, i])))`,
    call: 'console.log',
  },
]
