import type { EscapeCase } from '../case.js'

/** From whatever is at hand to its constructor, and from there to a `Function` of the host. */
export const constructorWalk: readonly EscapeCase[] = [
  {
    name: 'the constructor of the global object',
    advisory: 'safe-eval GHSA-ww6v-677g-p656 (CVE-2017-16088)',
    script: `probe.walk('this', this); probe.walk('globalThis', globalThis)`,
  },
  {
    name: 'up the prototypes of the global object',
    advisory: 'vm2 docs/ATTACKS.md, category 2',
    script: `
      for (let o = globalThis; o; o = Object.getPrototypeOf(o)) probe.walk('a prototype', o)
      probe.walk('__proto__', globalThis.__proto__)`,
  },
  {
    name: 'what the embedder has put into scope',
    advisory: 'happy-dom GHSA-37j7-fg3j-429f (CVE-2025-61927)',
    script: `
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        const value = globalThis[name]
        if (value !== globalThis) probe.walk(name, value)
      }`,
  },
  {
    name: 'a failing host function`s error, and its cause',
    advisory:
      'enclave-vm GHSA-7qm7-455j-5p63 (CVE-2026-22686), vm2 GHSA-m283-3h24-438v (CVE-2026-47686)',
    script: `
      try { host({ fail: true }) } catch (error) {
        probe.walk('error', error)
        probe.walk('cause', error.cause)
      }`,
  },
  {
    name: 'a caught error',
    advisory: 'notevil GHSA-9gxr-rhx6-4jgv',
    script: `try { a[b] } catch (error) { probe.walk('error', error) }`,
  },
  {
    name: 'the constructors of other kinds of function',
    advisory: 'SandboxJS GHSA-wxhw-j4hc-fmq6 (CVE-2026-23830)',
    script: `
      const kinds = [function () {}, async () => {}, function* () {}, async function* () {}, class {}]
      for (const kind of kinds) {
        probe.check('made', kind.constructor('return this').call())
        probe.walk('a function', kind)
        probe.walk('a prototype', Object.getPrototypeOf(kind))
      }`,
  },
  {
    name: 'the arguments object',
    advisory: 'static-eval GHSA-5mjw-6jrh-hvfq (CVE-2017-16226)',
    script: `
      (function () { probe.walk('arguments', arguments); probe.walk('callee', arguments.callee) })()
      ;(() => { 'use strict'; (function () { probe.walk('strict', arguments) })() })()`,
  },
  {
    name: 'an array that lists the global object',
    advisory: 'SandboxJS GHSA-58jh-xv4v-pcx4 (CVE-2026-25520)',
    script: `
      probe.walk('values', Object.values(this))
      probe.walk('a function', Object.getOwnPropertyNames(this).map((name) => this[name]).at(0))`,
  },
  {
    name: 'objects rebuilt from entries',
    advisory: 'SandboxJS GHSA-6r9f-759j-hjgv (CVE-2026-26954)',
    script: `
      const entries = Object.entries(Object.getOwnPropertyDescriptors(this))
      const copy = Object.fromEntries(entries.map(([name, d]) => [name, d.value]))
      probe.walk('copy', { __proto__: null, ...copy })
      probe.walk('entries', entries)`,
  },
  {
    name: 'bytes and their buffers',
    advisory: 'vm2 GHSA-3vgf-8m4q-q4qr',
    script: `
      for (const View of [Uint8Array, Float64Array, BigInt64Array, DataView]) {
        const view = new View(new ArrayBuffer(8))
        probe.walk('view', view)
        probe.walk('buffer', view.buffer)
        if (view.values) probe.walk('iterator', view.values())
      }`,
  },
  {
    name: 'primitives, bigints among them',
    advisory: 'n8n GHSA-v98v-ff95-f3cp (CVE-2025-68613)',
    script: `for (const p of [1, '', true, 1n, Symbol.iterator, Symbol()]) probe.walk('primitive', p)`,
  },
  {
    name: 'a constructor taken out of property descriptors',
    advisory: 'notevil GHSA-7r5f-7qr4-pf6q',
    script: `
      for (const o of [this, function () {}, {}, Math]) {
        const all = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(o) ?? {})
        probe.check('descriptors', all)
        probe.walk('value', all.constructor?.value)
      }`,
  },
  {
    name: 'destructuring and template literals as keys',
    advisory: 'n8n GHSA-6cqr-8cfr-67f8 (CVE-2026-25049)',
    script: `
      const { [\`constructor\`]: { [\`constructor\`]: F } } = () => {}
      probe.walk('F', F)
      const { constructor: { constructor: G } } = this
      probe.walk('G', { constructor: { constructor: G } })`,
  },
  {
    name: 'a key that turns into another between check and use',
    advisory: 'SandboxJS GHSA-7x3h-rm86-3342 (CVE-2026-25641)',
    script: `
      let n = 0
      const key = { toString: () => ['name', 'constructor'][n++ % 2] }
      for (let i = 0; i < 4; i++) probe.walk('by key', this[key])`,
  },
  {
    name: 'a key spelt with escapes',
    advisory: 'mathjs GHSA-pv8x-p9hq-j328 (CVE-2017-1001003)',
    script: `probe.walk('escaped', this.\\u0063onstructor); probe.walk('x', this['\\x63onstructor'])`,
  },
  {
    name: 'the scope of a with statement',
    advisory: 'n8n GHSA-5xrp-6693-jjx9 (CVE-2026-1470)',
    script: `
      with (function () {}) probe.walk('constructor', constructor('return this')())
      with (globalThis) probe.walk('constructor', constructor)`,
  },
  {
    name: 'a spread of globals',
    advisory: 'n8n GHSA-vpcf-gvg4-6qwr (CVE-2026-27577)',
    script: `
      probe.check('spread', { ...globalThis })
      probe.outcome('process', () => ({ ...process }))`,
  },
  {
    name: 'class fields and static blocks',
    advisory: 'n8n GHSA-hw8v-xxg5-vvvx',
    script: `
      class A { own = this; static { probe.walk('static', this) } static made = this.constructor }
      probe.walk('field', new A().own)
      probe.walk('made', A.made)`,
  },
  {
    name: 'Reflect.construct with a newTarget from elsewhere',
    advisory: 'realms-shim GHSA-6jg8-7333-554w',
    script: `
      for (const Target of [Object, Array, Function, Promise, Date, globalThis.constructor]) {
        if (typeof Target !== 'function') continue
        const bare = Object.setPrototypeOf(Target.bind(), null)
        probe.outcome('Function', () => Reflect.construct(Function, ['return this'], bare))
        probe.outcome('Error', () => Reflect.construct(Error, [], bare))
        probe.outcome('itself', () => Reflect.construct(Target, [() => {}], bare))
      }`,
  },
  {
    name: 'methods borrowed through call and apply',
    advisory: 'angular-expressions GHSA-hxhm-96pp-2m43 (CVE-2020-5219)',
    script: `
      const borrowed = ''.sub.call.call(({})['constructor'].getOwnPropertyDescriptor,
        null, Object.getPrototypeOf(''.sub), 'constructor').value
      probe.walk('borrowed', { constructor: { constructor: borrowed } })`,
  },
  {
    name: 'the getter of __proto__',
    advisory: 'vm2 GHSA-grj5-jjm8-h35p (CVE-2026-24118)',
    script: `
      const proto = ({}).__lookupGetter__('__proto__')
      probe.walk('getter', proto)
      for (const start of [globalThis, proto, [], () => {}]) {
        for (let o = start; o; o = proto.call(o)) probe.walk('climbed', o)
      }`,
  },
  {
    name: 'arguments of a call',
    advisory: 'isolated-vm GHSA-mmhj-4w6j-76h7 (CVE-2021-21413)',
    script: `
      function receive(...args) {
        probe.check('this', this)
        args.forEach((arg) => probe.walk('argument', arg))
        return args
      }`,
    call: 'receive',
  },
  {
    name: 'this of sloppy functions',
    advisory: 'vm2 docs/attacks/host-reference-primitives.md, category 54',
    script: `
      probe.walk('this', (function () { return this })())
      const sloppy = new Function('return this')
      probe.walk('called back', [1].map(sloppy)[0])
      probe.walk('bound', sloppy.bind(null)())
      function receive() { probe.walk('called by path', this); return this === globalThis }`,
    call: 'receive',
  },
]
