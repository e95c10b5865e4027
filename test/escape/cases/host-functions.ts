import type { EscapeCase } from '../case.js'

/** Functions of the host: what they are, give and throw, and who calls whom when they are called. */

/** Calls every function there is, in either way, and looks at what that comes to. */
export const callAll = `
  const callAll = async (...args) => {
    const ends = []
    for (const name of Object.getOwnPropertyNames(host)) {
      if (name === 'sync' || name === 'never') continue
      try { ends.push(probe.settles(name, host[name](...args))) } catch (error) { probe.walk(name, error) }
    }
    for (const name of Object.getOwnPropertyNames(host.sync)) {
      probe.outcome('sync ' + name, () => probe.walk('sync ' + name, host.sync[name](...args)))
    }
    for (const end of ends) await end
  }`

export const hostFunctions: readonly EscapeCase[] = [
  {
    name: 'functions of the host, and their constructors',
    advisory: 'jailed GHSA-77m7-9wvw-87fx (CVE-2022-23923)',
    script: `
      for (const holder of [host, host.sync]) {
        probe.walk('holder', holder)
        for (const name of Reflect.ownKeys(holder)) {
          probe.walk(String(name), holder[name])
          for (const key of Reflect.ownKeys(holder[name])) probe.walk(String(key), holder[name][key])
        }
      }
      const promise = host.give()
      probe.walk('promise', promise)
      probe.walk('then', promise.then)
      probe.text('source', String(host.give) + String(host.sync.giveSync))`,
  },
  {
    name: 'what functions of the host give',
    advisory: 'thingsboard commit cf9846a: the arguments array`s constructor',
    script: `(async () => {
      const seen = new Set()
      const deep = (what, value) => {
        if (Object(value) !== value || seen.has(value)) return
        seen.add(value)
        probe.walk(what, value)
        for (const key of Reflect.ownKeys(value)) {
          const { value: inner, get } = Object.getOwnPropertyDescriptor(value, key)
          if (get) probe.leak('an accessor at ' + String(key))
          deep(what + '.' + String(key), inner)
        }
        if (value instanceof Map || value instanceof Set) for (const entry of value) deep('entry', entry)
      }
      const value = await host.give()
      deep('given', value)
      deep('given while waiting', host.sync.giveSync())
      if (!(value.map instanceof Map && value.bytes instanceof Uint8Array)) probe.leak('no data')
      if ('polluted' in {}) probe.leak('__proto__ was set')
    })()`,
  },
  {
    name: 'what functions of the host throw',
    advisory: 'enclave-vm GHSA-x39w-8vm5-5m3p (CVE-2026-25533)',
    script: `(async () => {
      const look = (error) => {
        probe.walk('error', error)
        probe.text('stack', error.stack)
        for (const key of ['secret', 'cause', 'errors']) if (key in error) probe.leak(key)
        for (const key of Reflect.ownKeys(error)) probe.walk(String(key), error[key])
      }
      for (const fail of [() => host.fail(), () => host.laterFails(), () => host.failWith({ a: 1 }),
        async () => host.sync.failSync(), async () => host.sync.failWithSync([1])]) {
        try { await fail(); probe.leak('it did not fail') } catch (error) { look(error) }
      }
    })()`,
  },
  {
    name: 'names of errors, out of a prototype',
    advisory: 'SandboxJS issue 31 (CVE-2025-34146)',
    script: `(async () => {
      for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'RangeError', 'valueOf', '']) {
        try { await host.fail(name) } catch (error) { probe.walk(name, error); probe.check(name, error.name) }
        try { host.sync.failSync(name) } catch (error) { probe.walk(name, error) }
        if (!(await host.fail(name).catch((error) => error instanceof Error))) probe.leak(name)
      }
      for (const value of [undefined, null, 1, 'text', { message: 'm', stack: 's' }, []]) {
        await probe.settles('thrown', host.failWith(value))
        probe.outcome('thrown', () => host.sync.failWithSync(value))
      }
    })()`,
  },
  {
    name: 'results that can`t travel',
    advisory: 'isolated-vm issue 388: instances that lead back',
    script: `(async () => {
      for (let i = 0; i < 7; i++) {
        await probe.settles('odd', host.odd(i))
        probe.outcome('odd', () => probe.walk('odd', host.sync.oddSync(i)))
        try { await host.odd(i) } catch (error) { probe.walk('refusal', error); probe.text('why', error.message) }
      }
      await probe.settles('caller', host.who())
      probe.outcome('caller', () => host.sync.whoSync())
    })()`,
  },
  {
    name: 'results too large to travel',
    advisory: 'vm2 GHSA-6785-pvv7-mvg7: unbounded allocation in the host',
    script: `(async () => {
      await probe.settles('large', host.odd(7))
      probe.outcome('large', () => host.sync.oddSync(7))
      const text = 'x'.repeat(2 ** 23)
      await probe.settles('large', host.first(text))
      await probe.settles('many', host.first(text, text, text, { text }))
      probe.outcome('large', () => host.sync.firstSync(text))
    })()`,
  },
  {
    name: 'arguments that can`t travel',
    advisory: 'n8n GHSA-v98v-ff95-f3cp (CVE-2025-68613)',
    script: `(async () => {
      const cycle = {}
      cycle.self = cycle
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      let nested = []
      for (let i = 0; i < 1e4; i++) nested = [nested]
      const values = [() => {}, Symbol('s'), new WeakMap(), new Proxy({}, {}), proxy, cycle, nested, globalThis,
        { get x() { throw new TypeError('mine') } }, { get x() { throw cycle } }, Promise.resolve(), 2n ** 70n,
        new Proxy([], { get() { throw null } }), function* () {}(), new (class { #a = 1 })(), host, host.give]
      for (const value of values) {
        for (const args of [[value], [[value]], [new Map([[value, value]])]]) {
          await probe.settles('refused', host.echo(...args))
          probe.outcome('refused', () => host.sync.echoSync(...args))
        }
      }
    })()`,
  },
  {
    name: 'proxies as arguments, watched',
    advisory: 'vm2 docs/ATTACKS.md, category 6',
    script: `${callAll}
      ;(async () => {
        await callAll(probe.proxy('object', { a: [1] }), probe.proxy('array', [1, { b: 2 }]))
        await callAll({ inner: probe.proxy('function', () => 1) }, probe.proxy('map', new Map([[1, 2]])))
        await callAll(probe.proxy('date', new Date(0)), probe.proxy('error', new TypeError('x')))
      })()`,
  },
  {
    name: 'getters of arguments, and who calls them',
    advisory: 'vm2 GHSA-m283-3h24-438v (CVE-2026-47686): a getter that runs between check and use',
    script: `${callAll}
      ;(async () => {
        let turn = 0
        const shifting = { get a() { return turn++ % 2 ? () => 1 : { b: 1 } } }
        const tripped = {}
        probe.trip('argument', tripped, ['a', 'then', 'toJSON', 'length', 'constructor'])
        Object.defineProperty(tripped, 'e', { enumerable: true, get: probe.spy('enumerable', () => ({})) })
        await callAll(shifting, tripped, [shifting], new Map([[shifting, tripped]]))
        const list = [1, 2, 3]
        Object.defineProperty(list, 1, { get: probe.spy('element', () => { list.length = 0; return 1 }) })
        await callAll(list)
      })()`,
  },
  {
    name: 'host functions called from within their own arguments',
    advisory: 'isolated-vm issue 215: promise handlers that run in the middle of a call',
    script: `(async () => {
      let depth = 0
      const again = { get x() { return depth++ < 20 ? host.sync.firstSync(again) : 'end' } }
      probe.walk('nested', host.sync.firstSync(again))
      depth = 0
      const mixed = { get x() { host.echo({ y: depth }); return depth++ < 5 ? host.sync.echoSync(mixed, { z: 1 }) : 1 } }
      probe.walk('mixed', host.sync.echoSync(mixed))
      await probe.settles('mixed', host.echo(mixed))
      const value = host.sync.firstSync({ a: host.sync.firstSync({ b: host.sync.giveSync().list }) })
      if (JSON.stringify(value) !== '{"a":{"b":[1,[2,{"three":3}]]}}') probe.leak('a value of another call')
      return { get late() { return host.sync.firstSync({ c: 3 }) } }
    })()`,
    call: 'host.sync.echoSync',
  },
  {
    name: 'caller and arguments of what host calls call',
    advisory: 'vm2 docs/ATTACKS.md, category 5',
    script: `(async () => {
      const reaction = probe.spy('reaction')
      const watched = function () {
        probe.check('arguments', watched.arguments)
        probe.check('caller', watched.caller)
        probe.check('callee', arguments.callee.caller)
        return 1
      }
      await host.give().then(reaction, reaction)
      await host.fail().then(reaction, reaction)
      await host.later(1).finally(watched)
      await host.later({ a: 1 }).then(watched)
      await host.echo({ get a() { return watched() } })
      host.sync.echoSync({ get a() { return watched() } }, [{ toString: watched }])
      for (const fn of [host.give, host.sync.giveSync]) {
        for (const key of ['caller', 'arguments', 'callee']) probe.outcome(key, () => fn[key])
      }
    })()`,
  },
  {
    name: 'call sites where a script goes on',
    advisory: 'vm2 GHSA-v27g-jcqj-v8rw (CVE-2026-44002)',
    script: `(async () => {
      const look = (what) => {
        const { stack } = new Error(what)
        probe.text(what, stack)
        for (const site of Array.isArray(stack) ? stack : []) probe.walk(what, site.getThis?.() ?? site)
      }
      Error.stackTraceLimit = 100
      Error.prepareStackTrace = (error, sites) => { sites.forEach((site) => probe.walk('site', site)); return sites }
      await host.give(); look('after a result')
      await host.fail().catch((error) => { probe.text('failure', error.stack); look('after a failure') })
      await host.never; look('none')
      host.sync.echoSync({ get a() { look('in an argument'); return 1 } })
      try { host.sync.failSync() } catch (error) { probe.text('sync', error.stack) }
      host.echo({ get a() { look('in an argument, later'); return 1 } })
      await host.later(1).then(function then() { look('in a reaction') })
    })()`,
  },
  {
    name: 'methods of the host constructed',
    advisory: 'vm2 issue 177: a constructor that the host calls',
    script: `(async () => {
      const target = new Proxy(() => {}, { get: probe.spy('newTarget', Reflect.get) })
      for (const fn of [host.give, host.sync.giveSync, host.sync.failSync]) {
        probe.outcome('new', () => new fn())
        probe.outcome('construct', () => Reflect.construct(fn, []))
        probe.outcome('newTarget', () => Reflect.construct(Object, [], fn))
        probe.outcome('of a proxy', () => Reflect.construct(fn, [], target))
        probe.outcome('extends', () => new (class extends fn {})())
        probe.outcome('bound', () => new (fn.bind({}))())
        for (const self of [undefined, null, 1, globalThis, host, probe.proxy('this', {})]) {
          probe.outcome('this', () => { const it = fn.call(self); it?.then?.(() => {}, () => {}); return it })
        }
      }
      class Odd extends Promise { static get [Symbol.species]() { return probe.spy('species') } }
      probe.outcome('as an executor', () => new Odd(host.give))
      probe.outcome('as a reaction', () => Promise.resolve({ a: 1 }).then(host.sync.echoSync, host.fail))
      probe.outcome('as a trap', () => new Proxy({}, { get: host.sync.echoSync, has: host.sync.giveSync }).x)
    })()`,
  },
  {
    name: 'host replaced, deleted, frozen',
    advisory: 'vm2 docs/ATTACKS.md, category 11',
    script: `(async () => {
      const { give, echo, sync } = host
      const { giveSync } = sync
      Object.freeze(host); Object.freeze(sync)
      probe.check('frozen', await give())
      delete globalThis.host
      if (typeof host !== 'undefined') probe.leak('host came back')
      Object.defineProperty(globalThis, 'host', { get: probe.spy('host'), set: probe.spy('host'), configurable: true })
      probe.check('kept', await echo({ a: 1 }))
      probe.check('kept', giveSync())
      globalThis.host = probe.proxy('host', {})
      Object.setPrototypeOf(sync.__proto__, null)
      probe.check('kept', await give())
      Object.freeze(globalThis)
      probe.check('kept', giveSync())
    })()`,
    call: 'String',
  },
  {
    name: 'thenables, to the host and back',
    advisory: 'vm2 GHSA-qvjj-29qf-hp7p (CVE-2026-24120)',
    script: `(async () => {
      const then = probe.spy('then', (resolve) => resolve?.({ forged: true }))
      for (const value of [{ then: 1 }, { then: { then: 1 } }, { then }, Object.create({ then }), [{ then }]]) {
        for (const call of [host.first, host.later, host.echo, async (v) => host.sync.laterSync(v)]) {
          try { if ((await call(value))?.forged) probe.leak('a then of the script was called') } catch (error) {
            probe.walk('error', error)
          }
        }
      }
      probe.check('host itself', [await host, await host.sync])
    })()`,
  },
  {
    name: 'settling calls twice, and those of others',
    advisory: 'vm2 GHSA-hw58-p9xv-2mjh (CVE-2026-44001)',
    script: `(async () => {
      const executors = []
      const Native = Promise
      globalThis.Promise = class Forged extends Native {
        constructor(executor) { super((...fns) => { executors.push(fns); executor(...fns) }) }
      }
      Object.defineProperty(Native.prototype, 'constructor', { value: globalThis.Promise })
      Object.defineProperty(Native, Symbol.species, { get: () => globalThis.Promise })
      const calls = [host.never(), host.later(1), host.never(), host.fail()]
      for (const call of calls) { call.then(() => {}, () => {}); probe.check('call', call) }
      for (const fns of executors) for (const fn of fns) { probe.check('settle', fn); fn({ forged: true }); fn(1) }
      if ((await calls[1]) !== 1) probe.leak('a forged result')
      host.never().catch(() => { throw 1 })
      await host.later(1)
    })()`,
    call: 'host.sync.giveSync',
  },
]
