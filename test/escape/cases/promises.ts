import type { EscapeCase } from '../case.js'

/** Promises and thenables: who calls back, with what, and which constructor the engine asks. */

/** An error that can't be formatted: where the host formats it, the host`s TypeError comes out. */
const unformattable = `
  function fail() { const error = new Error(); error.name = Symbol(); return error.stack }`

/** A constructor in place of Promise, that looks at what it is handed. */
const fake = `
  function Fake(executor) {
    probe.check('executor', executor)
    executor(probe.spy('resolve'), probe.spy('reject'))
  }`

export const promises: readonly EscapeCase[] = [
  {
    name: 'a thenable as a result',
    advisory: 'vm2 GHSA-99p7-6v5w-7xg8 (CVE-2026-22709)',
    script: `({ then: probe.spy('then', (ok, no) => { probe.walk('ok', ok); ok(1) }) })`,
  },
  {
    name: 'a promise that has a then of its own',
    advisory: 'vm2 GHSA-cchq-frgv-rjh5 (CVE-2023-37466)',
    script: `
      const promise = Promise.resolve(1)
      promise.then = probe.spy('then', (ok) => ok(2))
      promise`,
  },
  {
    name: 'Promise.prototype.then, catch and finally overwritten',
    advisory: 'vm2 GHSA-cchq-frgv-rjh5 (CVE-2023-37466)',
    script: `probe.infest('Promise.prototype', Promise.prototype); (async () => ({ a: 1 }))()`,
  },
  {
    name: 'the species of a promise',
    advisory: 'vm2 GHSA-qvjj-29qf-hp7p (CVE-2026-24120)',
    script: `${fake}
      const promise = (async () => 1)()
      promise.constructor = { [Symbol.species]: Fake }
      promise`,
  },
  {
    name: 'a species that is read twice, and frozen',
    advisory: 'vm2 GHSA-qvjj-29qf-hp7p (CVE-2026-24120)',
    script: `${fake}
      let reads = 0
      const promise = Promise.resolve(1)
      Object.defineProperty(promise, 'constructor', {
        get: () => (reads++ ? Object.freeze({ [Symbol.species]: Fake }) : Promise),
      })
      promise`,
  },
  {
    name: 'the species of Promise itself',
    advisory: 'vm2 GHSA-76w7-j9cq-rx2j (CVE-2026-47208)',
    script: `${fake}
      Object.defineProperty(Promise, Symbol.species, { get: probe.spy('species', () => Fake) })
      Promise.reject(new Error('x'))`,
    ends: 'thrown',
  },
  {
    name: 'a subclass of Promise with finally',
    advisory: 'vm2 GHSA-6j2x-vhqr-qr7q (CVE-2026-47210)',
    script: `
      class Mine extends Promise {
        constructor(executor) { probe.check('executor', executor); super(executor) }
        then(...args) { probe.check('callbacks', args); return super.then(...args) }
      }
      Mine.resolve({ a: 1 }).finally(probe.spy('finally'))`,
  },
  {
    name: 'Promise`s static methods on another constructor',
    advisory: 'vm2 docs/ATTACKS.md, category 7',
    script: `${fake}${unformattable}
      Fake.resolve = probe.spy('resolve', (value) => value)
      for (const name of Object.getOwnPropertyNames(Promise)) {
        if (typeof Promise[name] !== 'function') continue
        probe.outcome(name, () => Promise[name].call(Fake, { [Symbol.iterator]: fail }))
        probe.outcome(name, () => Promise[name].call(Fake, fail))
        probe.outcome(name, () => Promise[name].call(Fake, [{ then: probe.spy('then') }]))
      }`,
  },
  {
    name: 'Reflect.construct of a promise with another newTarget',
    advisory: 'vm2 docs/ATTACKS.md, category 7',
    script: `${fake}${unformattable}
      const made = Reflect.construct(Promise, [(ok) => ok(fail())], Fake)
      Object.setPrototypeOf(made, Promise.prototype)
      probe.settles('made', made)`,
  },
  {
    name: 'an error that can not be formatted, as a rejection',
    advisory: 'vm2 GHSA-99p7-6v5w-7xg8 (CVE-2026-22709)',
    script: `${unformattable}
      const all = [(async () => fail())(), Promise.resolve().then(fail), new Promise((ok) => ok(fail()))]
      Promise.all(all.map((promise) => probe.settles('rejected', promise)))`,
  },
  {
    name: 'Object.prototype.then',
    advisory: 'ECMAScript, promise resolve functions: any object with a then is a thenable',
    script: `
      let calls = 0
      Object.defineProperty(Object.prototype, 'then', {
        configurable: true,
        get() { return calls++ < 9 ? probe.spy('then', (ok) => ok(1)) : undefined },
      })
      ;(async () => ({ a: [{}] }))()`,
  },
  {
    name: 'a then that changes with every look',
    advisory: 'vm2 GHSA-248r-7h7q-cr24 (CVE-2026-45411)',
    script: `
      let reads = 0
      ;({
        get then() {
          return reads++ % 2 === 0 ? undefined : probe.spy('then', (ok) => ok(reads))
        },
        again: { get then() { return probe.spy('inner', (ok) => ok(1)) } },
      })`,
  },
  {
    name: 'a rejection that nobody handles',
    advisory: 'vm2 GHSA-hw58-p9xv-2mjh (CVE-2026-44001)',
    script: `
      Promise.reject({ get stack() { return probe.spy('stack')() }, [Symbol.toPrimitive]: probe.spy('p') })
      new Promise(() => { throw new Error('unhandled') })
      ;(async () => { throw probe.proxy('reason', {}) })()
      1`,
  },
  {
    name: 'a rejection that is handled late',
    advisory: 'Node.js documentation, process: rejectionHandled',
    script: `
      const late = Promise.reject(probe.proxy('reason', new Error('late')))
      Promise.resolve().then(() => 1).then(() => 2).then(() => late.catch(probe.spy('catch')))
      const settle = Promise.withResolvers?.()
      settle?.resolve(1); settle?.reject(2)
      probe.check('resolvers', settle)
      2`,
  },
  {
    name: 'reasons that refuse to be looked at',
    advisory: 'vm2 GHSA-9vg3-4rfj-wgcm (CVE-2026-44009)',
    script: `
      const reason = { __proto__: null, get message() { throw reason }, get stack() { throw reason } }
      Promise.reject(reason).finally(() => probe.check('reason', reason))`,
    ends: 'thrown',
  },
  {
    name: 'the errors of any and of allSettled',
    advisory: 'vm2 GHSA-55hx-c926-fr95 (CVE-2026-26332)',
    script: `${unformattable}
      const bad = () => Promise.resolve().then(fail)
      Promise.all([
        probe.settles('any', Promise.any([bad(), bad()])),
        probe.settles('allSettled', Promise.allSettled([bad()])),
        probe.settles('race', Promise.race([bad()])),
      ])`,
  },
  {
    name: 'resolving functions called when all is over',
    advisory: 'Node.js pull request 59801: afterEvaluate queues and promises of other contexts',
    script: `
      let keep
      globalThis.receive = (...args) => { probe.check('kept', keep); keep?.(args); return keep }
      ;({ then: probe.spy('then', (ok) => { keep = ok; ok(1) }) })`,
    call: 'receive',
  },
]
