import type { EscapeCase } from '../case.js'
import { callAll } from './host-functions.js'

/** Functions of the host among built-ins that are the script's, and near the end of the stack. */

const fields = [
  'kind',
  'id',
  'owner',
  'fn',
  'name',
  'count',
  'args',
  'snapshot',
  'resolve',
  'reject',
  'next',
  'level',
  'text',
  'path',
  'why',
  'tag',
  'data',
  'bytes',
  'value',
  'get',
  'set',
  'enumerable',
  'writable',
  'configurable',
  'then',
  'outcome',
  'call',
  'context',
  'code',
  'cause',
  'message',
  'stack',
]

/** Whatever is in the way while calls are made and settled, and before and after. */
function among(hostility: string): string {
  return `${callAll}
    ;(async () => {
      const before = [host.later({ a: [1] }), host.laterFails(), host.give()]
      ${hostility}
      await callAll({ a: [1, { b: 2 }] }, [new Map([[1, 2]])], new Uint8Array(2), 'x')
      await callAll()
      await callAll(() => {}, Symbol('s'))
      for (const end of before) await probe.settles('from before', end)
      console.log({ a: 1 }, [2], new Error('x'))
    })()`
}

export const hostHostile: readonly EscapeCase[] = [
  {
    name: 'accessors on Object.prototype by the names of all fields, during host calls',
    advisory: 'vm2 docs/ATTACKS.md, category 15',
    script: among(`probe.trip('Object.prototype', Object.prototype, ${JSON.stringify(fields)})`),
    call: 'host.sync.firstSync',
  },
  {
    name: 'values on Object.prototype that make descriptors of others',
    advisory: 'vm2 docs/ATTACKS.md, category 2',
    script: among(`
      for (const [key, value] of [['get', probe.spy('get')], ['set', probe.spy('set')]]) {
        Object.prototype[key] = value
      }
      Object.prototype.owner = -1
      Object.prototype.fn = 0
      Object.prototype.count = 3`),
  },
  {
    name: 'setters on indices of Array.prototype, during host calls',
    advisory: 'vm2 GHSA-9qj6-qjgg-37qq (CVE-2026-44008)',
    script: among(`
      for (let i = 0; i < 8; i++) {
        Object.defineProperty(Array.prototype, i, {
          configurable: true,
          get: probe.spy('element (get)'),
          set: probe.spy('element (set)', function (value) {
            for (const key of Reflect.ownKeys(Object(value))) {
              if (['owner', 'resolve', 'callback', 'snapshot'].includes(key)) probe.leak('of a call: ' + key)
            }
          }),
        })
      }`),
  },
  {
    name: 'promises that are the script`s, during host calls',
    advisory: 'vm2 GHSA-99p7-6v5w-7xg8 (CVE-2026-22709)',
    script: among(`
      probe.infest('Promise', Promise)
      probe.infest('Promise.prototype', Promise.prototype)
      Object.defineProperty(Promise, Symbol.species, { get: probe.spy('species', () => Promise) })
      Object.defineProperty(Promise.prototype, 'constructor', { get: probe.spy('constructor', () => Promise) })`),
  },
  {
    name: 'a then on Object.prototype, during host calls',
    advisory: 'Node.js issue 59699: a patched then is called by every await',
    script: among(`
      Object.defineProperty(Object.prototype, 'then', { configurable: true, get: probe.spy('then', () => undefined) })
      await host.give()
      delete Object.prototype.then
      Object.prototype.then = probe.spy('then', function (resolve) { delete Object.prototype.then; resolve(this) })
      await host.give()`),
  },
  {
    name: 'call, apply and bind replaced, during host calls',
    advisory: 'vm2 GHSA-647f-g98j-qq25: call and apply, by a detour',
    script: among(`
      probe.infest('Function.prototype', Function.prototype)
      probe.infest('Reflect', Reflect)`),
  },
  {
    name: 'collections replaced, during host calls',
    advisory: 'vm2 docs/ATTACKS.md, invariant 11: containers of the bridge must not call a script',
    script: among(`
      for (const Class of [Map, Set, WeakMap, WeakSet]) probe.infest(Class.name, Class.prototype)
      globalThis.Map = globalThis.Set = globalThis.WeakMap = probe.spy('a collection')`),
    call: 'host.sync.giveSync',
  },
  {
    name: 'arrays, strings and iteration replaced, during host calls',
    advisory: 'vm2 GHSA-grj5-jjm8-h35p (CVE-2026-24118)',
    script: among(`
      for (const Class of [Array, String, Number, Symbol, BigInt, Date, RegExp]) {
        probe.infest(Class.name, Class.prototype)
      }
      Object.defineProperty(Array, Symbol.species, { get: probe.spy('species', () => probe.spy('made')) })
      Array.prototype[Symbol.iterator] = probe.spy('iterator', () => ({ next: probe.spy('next', () => ({ done: true })) }))
      const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator] ?? {}))
      if (iterators) probe.infest('iterators', iterators)`),
    call: 'host.sync.echoSync',
  },
  {
    name: 'typed arrays replaced, during host calls',
    advisory: 'isolated-vm GHSA-2jjq-x548-rhpv (CVE-2022-39266)',
    script: among(`
      const Typed = Object.getPrototypeOf(Uint8Array)
      for (const object of [Typed, Typed.prototype, Uint8Array.prototype, ArrayBuffer.prototype, ArrayBuffer]) {
        probe.infest('typed', object)
      }
      for (const Class of [Typed, ArrayBuffer]) {
        Object.defineProperty(Class, Symbol.species, { get: probe.spy('species', () => probe.spy('made')) })
      }
      Object.defineProperty(Uint8Array.prototype, 'constructor', { get: probe.spy('constructor') })
      Object.setPrototypeOf(Uint8Array.prototype, probe.proxy('prototype', {}))
      globalThis.Uint8Array = probe.spy('Uint8Array')`),
  },
  {
    name: 'errors replaced, during host calls',
    advisory: 'vm2 GHSA-mrgp-mrhc-5jrq (CVE-2022-36067)',
    script: among(`
      Error.prepareStackTrace = probe.spy('prepareStackTrace', (error, sites) => sites)
      Error.stackTraceLimit = Infinity
      for (const Class of [TypeError, RangeError, SyntaxError]) {
        probe.infest(Class.name, Class.prototype)
        Object.setPrototypeOf(Class, probe.spy('super'))
        globalThis[Class.name] = probe.spy(Class.name)
      }
      probe.infest('Error.prototype', Error.prototype)
      globalThis.Error = probe.proxy('Error', Error)
      globalThis.Error.prepareStackTrace = probe.spy('prepareStackTrace')`),
  },
  {
    name: 'host calls near the end of the stack',
    advisory: 'vm2 issue 197: a RangeError of the host',
    script: `(async () => {
      await probe.deep('none', 'host.give()')
      await probe.deep('simple', "host.first('x')")
      await probe.deep('packed', 'host.echo({ a: [1] })')
      await probe.deep('refused', 'host.echo(() => {})')
      await probe.deep('failing', 'host.fail()')
    })()`,
  },
  {
    name: 'held-up calls near the end of the stack',
    advisory: 'near-membrane issue 48: overflow errors are of the realm of what is called',
    script: `(async () => {
      await probe.deep('none', 'host.sync.giveSync()')
      await probe.deep('simple', "host.sync.firstSync('x')")
      await probe.deep('packed', 'host.sync.echoSync({ a: [1] })')
      await probe.deep('refused', 'host.sync.echoSync(() => {})')
      await probe.deep('failing', 'host.sync.failSync()')
      const value = host.sync.firstSync({ a: 'still in step' })
      if (value?.a !== 'still in step') probe.leak('an answer to another question')
    })()`,
  },
  {
    name: 'results that are taken near the end of the stack',
    advisory: 'vm2 issue 199: overflow in what the host calls back',
    script: `(async () => {
      const dive = () => { try { return dive() } catch (error) { probe.check('overflow', error); return 1 } }
      Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { dive(); return undefined } })
      const value = await host.give()
      await host.echo({ get a() { return dive() } })
      host.sync.echoSync({ get a() { return dive() } })
      delete Object.prototype.then
      probe.check('given', value)
    })()`,
  },
  {
    name: 'memory that is shared, gone or grows, to the host',
    advisory: 'hoppscotch pull request 6512: lengths that a script says',
    script: `(async () => {
      const gone = new Uint8Array(8)
      gone.buffer.transfer?.()
      const growing = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 64 }))
      const values = [gone, growing, new DataView(new ArrayBuffer(4)), new Uint8Array(new ArrayBuffer(16), 4, 4)]
      if (typeof SharedArrayBuffer !== 'undefined') probe.leak('shared memory')
      for (const value of values) {
        Object.defineProperty(value, 'length', { value: 1e9 })
        Object.defineProperty(value, 'byteLength', { get: probe.spy('byteLength', () => 1e9) })
        for (const args of [[value], [{ value }], [value, { get x() { growing.buffer.resize?.(0); return 1 } }]]) {
          await probe.settles('bytes', host.echo(...args))
          probe.outcome('bytes', () => host.sync.echoSync(...args))
        }
      }
    })()`,
  },
  {
    name: 'more calls than may be under way, and calls from everywhere',
    advisory: 'vm2 GHSA-6785-pvv7-mvg7: unbounded allocation in the host',
    script: `(async () => {
      const ends = []
      for (let i = 0; i < 300; i++) ends.push(probe.settles('many', host.later(i)))
      probe.outcome('among them', () => host.sync.giveSync())
      for (const end of ends) await end
      for (let i = 0; i < 300; i++) host.never().catch((error) => probe.walk('refused', error))
      await probe.settles('one more', host.give())
      probe.outcome('held up', () => host.sync.neverSync())
    })()`,
    call: 'host.never',
  },
]
