import type { EscapeCase } from '../case.js'

/** Errors as carriers: what is in them, what formats them, and what the host reads of them. */

const unformattable = `
  function fail() { const error = new Error(); error.name = Symbol(); return error.stack }`

export const errors: readonly EscapeCase[] = [
  {
    name: 'an error whose name is a symbol',
    advisory: 'vm2 docs/attacks/error-sanitization.md, category 4',
    script: `${unformattable}
      probe.outcome('stack', fail)
      const error = new TypeError('x')
      error.name = Symbol('name')
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'an error whose message is a symbol, or throws',
    advisory: 'vm2 docs/attacks/error-sanitization.md, category 4',
    script: `
      for (const message of [Symbol(), { toString: null }, { get toString() { throw Symbol() } }]) {
        const error = new Error()
        error.message = message
        probe.outcome('stack', () => error.stack)
        probe.outcome('text', () => String(error))
      }
      throw Object.assign(new Error(), { message: Symbol(), name: { toString: probe.spy('name') } })`,
    ends: 'thrown',
  },
  {
    name: 'a SuppressedError made by a DisposableStack',
    advisory: 'vm2 GHSA-55hx-c926-fr95 (CVE-2026-26332)',
    script: `${unformattable}
      if (typeof DisposableStack !== 'undefined') {
        const stack = new DisposableStack()
        stack.defer(() => { throw null })
        stack.defer(fail)
        stack.defer(() => { throw new Error('x') })
        probe.outcome('disposed', () => stack.dispose())
      } else probe.outcome('not disposed', fail)`,
  },
  {
    name: 'a SuppressedError made by using',
    advisory: 'vm2 GHSA-55hx-c926-fr95 (CVE-2026-26332)',
    script: `${unformattable}
      globalThis.resource = { [Symbol.dispose ?? 'dispose']: fail }
      probe.outcome('using', () => eval('{ using a = resource; throw null }'))`,
  },
  {
    name: 'a SuppressedError of an AsyncDisposableStack',
    advisory: 'vm2 GHSA-55hx-c926-fr95 (CVE-2026-26332)',
    script: `${unformattable}
      probe.settles('disposed', (async () => {
        if (typeof AsyncDisposableStack === 'undefined') return fail()
        const stack = new AsyncDisposableStack()
        stack.defer(async () => { throw null })
        stack.defer(async () => fail())
        await stack.disposeAsync()
      })())`,
  },
  {
    name: 'an AggregateError and hostile lists of errors',
    advisory: 'vm2 GHSA-55hx-c926-fr95 (CVE-2026-26332)',
    script: `${unformattable}
      probe.outcome('iterated', () => new AggregateError({ [Symbol.iterator]: fail }))
      probe.outcome('made', () => new AggregateError([1], { toString: fail }))
      const error = new AggregateError([probe.proxy('an error', new Error('x'))], 'all')
      Object.defineProperty(error, 'errors', { get: probe.spy('errors', []), enumerable: true })
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'a chain of causes',
    advisory: 'vm2 GHSA-m283-3h24-438v (CVE-2026-47686)',
    script: `
      const error = new Error('outer', { cause: new Error('inner', { cause: probe.proxy('c', {}) }) })
      let reads = 0
      Object.defineProperty(error.cause, 'cause', {
        enumerable: true, get: probe.spy('cause', () => (reads++ ? error : undefined)),
      })
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'a cause that answers differently each time',
    advisory: 'vm2 GHSA-m283-3h24-438v (CVE-2026-47686)',
    script: `
      let reads = 0
      const cause = { get a() { return reads++ ? probe.proxy('late', {}) : 1 }, toJSON: probe.spy('j') }
      throw Object.defineProperty(new Error('x'), 'cause', { get: probe.spy('cause', cause) })`,
    ends: 'thrown',
  },
  {
    name: 'a stack that is an object with methods',
    advisory: 'safe-eval issue 24: a stack whose match is called by the host',
    script: `
      const stack = {}
      for (const name of ['match', 'split', 'replace', 'toString', 'indexOf', 'slice', 'includes']) {
        stack[name] = probe.spy('stack.' + name, '')
      }
      const error = new Error('x')
      Object.setPrototypeOf(error, null)
      error.stack = stack
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'a thrown object without prototype',
    advisory: 'vm2 GHSA-9vg3-4rfj-wgcm (CVE-2026-44009)',
    script: `
      const thrown = { __proto__: null, name: 'Error', get message() { return probe.spy('m')() } }
      try { throw thrown } catch (error) { probe.check('caught', error) }
      throw Object.assign(thrown, { stack: 1, inner: { __proto__: null, f: fail => fail } })`,
    ends: 'thrown',
  },
  {
    name: 'an error that refuses to tell its prototype',
    advisory: 'vm2 GHSA-ch3r-j5x3-6q2m (CVE-2023-30547)',
    script: `
      throw new Proxy({}, {
        getPrototypeOf() { probe.deep('trap', 'new Error().stack'); return null.x },
        get: probe.spy('get'),
      })`,
    ends: 'thrown',
  },
  {
    name: 'a thrown proxy of an error',
    advisory: 'vm2 GHSA-xj72-wvfv-8985 (CVE-2023-29199)',
    script: `throw probe.proxy('thrown', Object.assign(new RangeError('x'), { a: { b: 1 } }))`,
    ends: 'thrown',
  },
  {
    name: 'Symbol.hasInstance of Error',
    advisory: 'vm2 docs/ATTACKS.md, category 3 (Symbol.hasInstance)',
    script: `
      Object.defineProperty(Error, Symbol.hasInstance, { value: probe.spy('hasInstance', true) })
      throw { [Symbol.toStringTag]: 'Error', get name() { return probe.spy('name', 'x')() } }`,
    ends: 'thrown',
  },
  {
    name: 'thrown functions and symbols',
    advisory: 'vm2 docs/ATTACKS.md, category 6: throw f => f.constructor',
    script: `
      const thrown = probe.spy('a thrown function')
      thrown.toString = probe.spy('toString', 'x')
      thrown.then = probe.spy('then')
      Promise.reject(Symbol('x')).catch(() => { throw thrown })`,
    ends: 'thrown',
  },
  {
    name: 'errors of the engine, by many ways',
    advisory: 'enclave-vm GHSA-x39w-8vm5-5m3p (CVE-2026-25533)',
    script: `
      const ways = ['null.x', 'x.y', '1 +* 2', 'new (class { #a; static b(o) { o.#a } }).b', 'let l; let l',
        'new Array(-1)', '1n + 1', 'BigInt(1.5)', '"x".repeat(-1)', '(1).toFixed(999)', 'JSON.parse("{")',
        'decodeURI("%")', 'new RegExp("(")', 'Symbol() + ""', 'new Intl.NumberFormat("-")', '[].reduce(x)',
        'new Proxy({}, null)', 'structuredClone(x)', 'await 1', 'super.x', 'Reflect.construct(1)',
        'class extends null {}; new (class extends null {})', 'Object.defineProperty(1, "x", {})',
        'new Date(NaN).toISOString()', '"use strict"; undefinedVariable = 1', 'new Uint8Array(-1)',
        '"\\\\ud800".normalize("x")', 'Object.fromEntries([1])', '({}) instanceof 1', '%GetUndetectable()']
      for (const way of ways) {
        probe.outcome(way, () => (0, eval)(way))
        probe.outcome(way, () => new Function(way)())
      }`,
  },
  {
    name: 'an inherited method called on nothing',
    advisory: 'gf3/sandbox issue 69: an error out of toLocaleString()',
    script: `
      for (const name of ['toLocaleString', 'valueOf', 'propertyIsEnumerable', 'hasOwnProperty']) {
        probe.outcome(name, () => (0, globalThis[name])())
        probe.outcome(name, () => Object.prototype[name].call(undefined))
      }
      probe.outcome('bare', () => toLocaleString())`,
  },
]
