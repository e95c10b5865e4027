import type { EscapeCase } from '../case.js'

/** What a host does with a result, or an error, that was made for it: reads it, prints it, copies it. */

const inspectCustom = `Symbol.for('nodejs.util.inspect.custom')`

export const results: readonly EscapeCase[] = [
  {
    name: 'a custom inspect function',
    advisory: 'vm2 GHSA-g644-9gfx-q4q4 (CVE-2023-37903)',
    script: `
      const result = { inner: {}, valueOf: undefined, constructor: undefined }
      for (const o of [result, result.inner]) o[${inspectCustom}] = probe.spy('inspect', 'x')
      result`,
  },
  {
    name: 'a custom inspect function of an error',
    advisory: 'vm2 GHSA-g644-9gfx-q4q4 (CVE-2023-37903)',
    script: `
      const error = new Error('x', { cause: { [${inspectCustom}]: probe.spy('cause', 'x') } })
      error[${inspectCustom}] = probe.spy('inspect', 'x')
      Error.prototype[${inspectCustom}] = probe.spy('inherited', 'x')
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'a custom inspect function on prototypes',
    advisory: 'vm2 GHSA-p5gc-c584-jj6v (CVE-2023-32313)',
    script: `
      for (const maker of [Object, Array, Map, Function, Error]) {
        maker.prototype[${inspectCustom}] = probe.spy('inspect ' + maker.name, 'x')
      }
      ;({ a: [new Map([[{}, 1]])], e: new Error('x') })`,
  },
  {
    name: 'a proxy that inspection looks through',
    advisory: 'vm2 GHSA-v37h-5mfm-c47c (CVE-2026-24781)',
    script: `
      const handler = { [${inspectCustom}]: probe.spy('handler', 'x'), get: probe.spy('get') }
      const target = { [${inspectCustom}]: probe.spy('target', 'x') }
      ;({ shown: new Proxy(target, handler), function: new Proxy(class {}, handler) })`,
  },
  {
    name: 'a proxy with every trap',
    advisory: 'vm2 GHSA-whpj-8f3w-67p5 (CVE-2023-32314)',
    script: `probe.proxy('result', { a: 1, b: probe.proxy('inner', [1, 2]) })`,
  },
  {
    name: 'proxies of built-ins, within a result',
    advisory: 'vm2 GHSA-whpj-8f3w-67p5 (CVE-2023-32314)',
    script: `
      const all = [[], new Map(), new Set(), new Date(), /x/, new Error('x'), new Uint8Array(1), Object(1n)]
      all.map((value, i) => probe.proxy('proxy ' + i, value))`,
    ends: 'any',
  },
  {
    name: 'a proxy of a function',
    advisory: 'vm2 docs/ATTACKS.md, category 6',
    script: `
      const called = probe.proxy('function', function (...args) { probe.check('args', args) })
      called`,
  },
  {
    name: 'a revoked proxy, returned and thrown',
    advisory: 'vm2 docs/ATTACKS.md, category 6',
    script: `
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      probe.outcome('touched', () => proxy.x)
      Promise.reject(proxy).catch(() => { throw { proxy } })`,
    ends: 'thrown',
  },
  {
    name: 'toJSON',
    advisory: 'ECMAScript, JSON.stringify: toJSON is called wherever it is found',
    script: `
      Object.prototype.toJSON = probe.spy('inherited', () => ({ a: 1 }))
      BigInt.prototype.toJSON = probe.spy('bigint', '1')
      ;({ a: 1n, toJSON: probe.spy('own', (key) => probe.proxy('made', {})) })`,
  },
  {
    name: 'valueOf, toString and Symbol.toPrimitive',
    advisory: 'safe-eval GHSA-79xf-67r4-q2jj (CVE-2023-26122)',
    script: `
      ({
        valueOf: probe.spy('valueOf', {}),
        toString: probe.spy('toString', {}),
        get [Symbol.toPrimitive]() { return probe.spy('toPrimitive', {}) },
        get [Symbol.toStringTag]() { return probe.spy('tag', 'Error')() },
      })`,
    ends: 'any',
  },
  {
    name: 'getters that change what they are in',
    advisory: 'vm2 GHSA-m283-3h24-438v (CVE-2026-47686): a getter that runs between check and use',
    script: `
      const result = {
        get a() { delete this.b; this.c = probe.proxy('added', {}); return probe.spy('a')() },
        b: { get x() { Object.setPrototypeOf(result, probe.proxy('prototype', {})); return 1 } },
      }
      result.d = [1, , { get y() { this.length = 0; return probe.spy('y')() } }]
      result`,
  },
  {
    name: 'subclasses of built-ins with methods of their own',
    advisory: 'vm2 GHSA-4w2j-2rg4-5mjw (CVE-2022-25893)',
    script: `
      const made = [new Map([[1, {}]]), new Set([{}]), new Date(0), /x/g, [1], new Uint8Array(2), new ArrayBuffer(2)]
      for (const value of made) {
        for (let o = Object.getPrototypeOf(value); o !== Object.prototype; o = Object.getPrototypeOf(o)) {
          for (const name of Reflect.ownKeys(o)) {
            if (name === 'constructor' || name === 'length') continue
            const d = Object.getOwnPropertyDescriptor(o, name)
            const answer = d.get ? function () { return d.get.call(this) } : d.value
            probe.check('method', answer)
            if (typeof answer !== 'function') continue
            const spied = probe.spy(String(name), answer)
            Object.defineProperty(value, name, d.get ? { get: spied } : { value: spied })
          }
        }
      }
      made`,
    ends: 'any',
  },
  {
    name: 'keys that are __proto__, constructor and then',
    advisory: 'safe-eval GHSA-33vh-7x8q-mg35 (CVE-2022-25904)',
    script: `
      const made = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')
      Object.defineProperty(made, 'hasOwnProperty', { value: probe.spy('hasOwnProperty'), enumerable: true })
      ;[made, new Map([['__proto__', made], ['then', made]])]`,
  },
  {
    name: 'integers too large to be written quickly',
    advisory: 'ECMAScript, BigInt.prototype: conversions that a script can replace',
    script: `
      for (const name of ['toString', 'valueOf', 'toLocaleString']) {
        BigInt.prototype[name] = probe.spy('bigint ' + name, '1')
      }
      globalThis.BigInt = probe.spy('BigInt')
      ;[1n << 4000n, -(1n << 64n), Object(1n << 70n), { n: 1n << 63n }]`,
    ends: 'any',
  },
  {
    name: 'an array with methods of its own',
    advisory: 'vm2 GHSA-grj5-jjm8-h35p (CVE-2026-24118)',
    script: `
      const made = [1, 2]
      for (const name of ['map', 'forEach', 'slice', 'concat', 'join', 'at', Symbol.iterator]) {
        made[name] = probe.spy(String(name), [][name])
      }
      made`,
  },
  {
    name: 'the species of an array',
    advisory: 'vm2 GHSA-grj5-jjm8-h35p (CVE-2026-24118)',
    script: `
      const made = [1, 2, 3]
      function Species() { probe.check('new', arguments); return probe.proxy('made', made) }
      made.constructor = { [Symbol.species]: Species }
      Object.defineProperty(Array, Symbol.species, { get: probe.spy('species', () => Species) })
      made[Symbol.isConcatSpreadable] = true
      ;[made, made]`,
    ends: 'any',
  },
]
