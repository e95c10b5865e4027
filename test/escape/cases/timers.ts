import type { EscapeCase } from '../case.js'

/** Timers: what they are, what they call, and the list in which they wait. */

const wait = `const wait = (ms = 2) => new Promise((resolve) => setTimeout(resolve, ms))`

export const timers: readonly EscapeCase[] = [
  {
    name: 'timers, what they return, and their private parts',
    advisory: 'vm2 issue 482: semi-private properties of what setImmediate returns',
    script: `(async () => {
      ${wait}
      for (const name of ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval']) {
        const { get, set } = Object.getOwnPropertyDescriptor(globalThis, name)
        for (const fn of [get, set, globalThis[name]]) if (fn) probe.walk(name, fn)
        probe.text(name, String(globalThis[name]))
      }
      for (const made of [setTimeout(() => {}), setInterval(() => {}, 1), setTimeout.call({}, () => {})]) {
        if (typeof made !== 'number') probe.walk('handle', made)
        probe.check('own', Object(made))
        for (const key of ['_onTimeout', '_onImmediate', '_repeat', '_idleNext', 'ref', 'hasRef']) {
          if (Object(made)[key] !== undefined) probe.leak(key)
        }
        clearTimeout(made)
      }
      for (const fn of [setTimeout, clearInterval]) {
        probe.outcome('new', () => new fn(() => {}))
        probe.outcome('construct', () => Reflect.construct(Object, [], fn))
      }
      await wait()
    })()`,
  },
  {
    name: 'strings and other code for a timer',
    advisory: 'metamask-snaps-beta issue 161: setTimeout is an evaluator',
    script: `(async () => {
      ${wait}
      const code = 'probe.leak("a string was run")'
      for (const value of [code, [code], { toString: () => code }, Object(code), null, undefined, 1, Symbol('s')]) {
        probe.outcome('code', () => setTimeout(value, 1))
        probe.outcome('code', () => setInterval(value))
      }
      setTimeout(Function, 1, code)
      setTimeout(eval, 1, 'globalThis.evaluated = 1')
      setTimeout(Function.prototype.call.bind(Function), 1, null, 'return this')
      await wait(5)
      probe.check('evaluated', globalThis.evaluated)
    })()`,
  },
  {
    name: 'this, arguments and callers of timer callbacks',
    advisory: 'vm2 docs/ATTACKS.md, category 5',
    script: `(async () => {
      ${wait}
      function callback(...args) {
        probe.walk('this', this)
        probe.walk('arguments', args)
        probe.check('callee', arguments.callee.caller)
        probe.check('caller', callback.caller)
        probe.check('its arguments', callback.arguments)
        if (this !== globalThis) probe.leak('another this')
      }
      const argument = {}
      setTimeout(callback, 1, argument, [argument])
      setTimeout(probe.spy('spied'), 1, argument)
      setTimeout(probe.proxy('proxy', function () {}), 1, argument)
      setTimeout(callback.bind(globalThis), 1)
      setTimeout(class A {}, 1)
      const interval = setInterval(() => { callback.call(globalThis); clearInterval(interval) }, 1)
      queueMicrotask(probe.spy('microtask'))
      globalThis.globalThis = probe.proxy('global', {})
      setTimeout(probe.spy('later'), 1)
      await wait(6)
    })()`,
  },
  {
    name: 'the list of timers, by setters on indices',
    advisory: 'vm2 GHSA-9qj6-qjgg-37qq (CVE-2026-44008)',
    script: `(async () => {
      const found = Object.setPrototypeOf([], null)
      const keep = (value) => { found[found.length] = value }
      for (let i = 0; i < 6; i++) {
        Object.defineProperty(Array.prototype, i, {
          configurable: true,
          get() { keep(this) },
          set(value) {
            keep(this)
            keep(value)
            Object.defineProperty(this, i, { value, writable: true, configurable: true, enumerable: true })
          },
        })
      }
      const push = (ms) => setTimeout(() => {}, ms)
      for (let i = 0; i < 200; i++) clearTimeout(push(50 + i))
      for (let i = 0; i < 5; i++) push(1)
      for (let i = 0; i < 6; i++) delete Array.prototype[i]
      for (let i = 0; i < found.length; i++) {
        const value = Array.isArray(found[i]) ? found[i][0] : found[i]
        if (Object(value) === value && 'owner' in value) {
          probe.leak('a timer of the list')
          value.owner = { valueOf: probe.spy('owner', () => 1) }
          value.due = Infinity
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    })()`,
  },
  {
    name: 'collections and fields that timers use',
    advisory: 'vm2 docs/ATTACKS.md, invariant 11: containers of the bridge must not call a script',
    script: `(async () => {
      ${wait}
      const early = wait(3)
      for (const object of [Map.prototype, Array.prototype, Reflect, Math, Number, Function.prototype]) {
        probe.infest('built-in', object)
      }
      const watch = function (value) { if ('callback' in Object(this) && this.owner) probe.leak('a timer') }
      for (const name of ['id', 'due', 'order', 'interval', 'owner', 'callback', 'args', 'isGone', 'length', 'value']) {
        if (name === 'length') continue
        Object.defineProperty(Object.prototype, name, { configurable: true, get: probe.spy(name, watch), set: probe.spy(name, watch) })
      }
      const all = Array.from({ length: 100 }, (_, i) => setTimeout(probe.spy('fired'), i % 5))
      for (let i = 0; i < 100; i += 3) clearTimeout(all[i])
      await early
      await wait(8)
    })()`,
  },
  {
    name: 'delays and numbers that convert',
    advisory: 'n8n GHSA-5xrp-6693-jjx9 (CVE-2026-1470)',
    script: `(async () => {
      ${wait}
      const values = [{ valueOf: probe.spy('valueOf', () => 1) }, { [Symbol.toPrimitive]: probe.spy('primitive', () => NaN) },
        { valueOf() { throw {} } }, Symbol('s'), 1n, Infinity, -Infinity, NaN, 2 ** 53, '1', null, probe.proxy('delay', {}),
        { valueOf() { clearTimeout(1); return setTimeout(() => {}) } }]
      for (const value of values) {
        for (const fn of [setTimeout, setInterval]) {
          probe.outcome('delay', () => { const id = fn(() => {}, value); clearTimeout(id); return id })
        }
        probe.outcome('clear', () => clearTimeout(value))
        probe.outcome('clear', () => clearInterval(value))
      }
      for (const id of [{}, [1], '1', Object(1), -1, 0, 1e9, { valueOf: () => 1 }]) probe.outcome('id', () => clearTimeout(id))
      await wait()
    })()`,
  },
  {
    name: 'what a timer throws',
    advisory: 'vm2 GHSA-hw58-p9xv-2mjh (CVE-2026-44001)',
    script: `(async () => {
      ${wait}
      const hostile = new Error('x')
      Object.defineProperty(hostile, 'stack', { get: probe.spy('stack', () => { throw hostile }) })
      for (const value of [new TypeError('x'), null, 1, Symbol('s'), hostile, probe.proxy('thrown', new Error('p')), {
        get message() { return probe.spy('message')() } }]) {
        setTimeout(() => { throw value }, 1)
        setTimeout(async () => { throw value }, 1)
        queueMicrotask(() => { throw value })
      }
      console.error = probe.spy('error')
      setTimeout(() => { throw globalThis }, 1)
      setTimeout(() => { Promise.reject(hostile); for (const p of [Promise.reject(1)]) p.then() }, 2)
      await wait(6)
    })()`,
  },
  {
    name: 'timers set and fired near the end of the stack',
    advisory: 'vm2 issue 199: overflow in what the host calls back',
    script: `(async () => {
      ${wait}
      await probe.deep('first touched', "globalThis['setTimeout']")
      await probe.deep('set', 'setTimeout(() => {}, 1)')
      await probe.deep('repeated', 'clearInterval(setInterval(() => {}, 1))')
      await probe.deep('refused', 'setTimeout(1)')
      const dive = () => { try { return dive() } catch (error) { probe.check('overflow', error); throw error } }
      setTimeout(dive, 1)
      setTimeout(() => probe.deep('in a timer', 'host.sync.giveSync()'), 1)
      setTimeout(() => queueMicrotask(dive), 1)
      await wait(10)
    })()`,
  },
  {
    name: 'call sites in timers and what follows them',
    advisory: 'vm2 GHSA-v27g-jcqj-v8rw (CVE-2026-44002)',
    script: `(async () => {
      ${wait}
      Error.stackTraceLimit = 100
      Error.prepareStackTrace = probe.spy('prepareStackTrace', (error, sites) => { probe.walk('sites', sites); return sites })
      const look = (what) => {
        const error = new Error(what)
        const holder = {}
        Error.captureStackTrace(holder)
        for (const { stack } of [error, holder]) {
          probe.text(what, stack)
          if (typeof stack !== 'string') probe.walk(what, stack)
        }
      }
      setTimeout(() => look('timer'), 1)
      setTimeout(() => queueMicrotask(() => look('microtask')), 1)
      setTimeout(async () => { await 0; look('continuation'); await host.give(); look('host') }, 1)
      new AbortController().signal.addEventListener('x', () => look('event'))
      await wait(10)
    })()`,
  },
  {
    name: 'microtasks between timers, and promises that are the script`s',
    advisory: 'Node.js pull request 59801: afterEvaluate queues and promises of other contexts',
    script: `(async () => {
      ${wait}
      probe.infest('Promise.prototype', Promise.prototype)
      Object.defineProperty(Promise, Symbol.species, { get: probe.spy('species', () => Promise) })
      const order = []
      setTimeout(() => { order.push(1); Promise.resolve({ then: probe.spy('then', (ok) => { order.push(2); ok() }) }) }, 1)
      setTimeout(() => order.push(3), 1)
      setTimeout(() => { (async () => { for (let i = 0; i < 50; i++) await { then: probe.spy('again', (ok) => ok()) } })() }, 1)
      await wait(8)
      if (order.join() !== '1,2,3') probe.leak('an order of ' + order)
    })()`,
  },
]
