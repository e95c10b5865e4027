import type { EscapeCase } from '../case.js'

/** The globals of the web: of which realm they are, what they throw, and when they are made. */

const names = `const names = ['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'structuredClone',
  'queueMicrotask', 'AbortController', 'AbortSignal', 'Event', 'EventTarget', 'DOMException', 'performance', 'crypto']`

/** One of each kind, or what comes of trying. */
export const instances = `
  const instances = () => {
    const url = new URL('http://user:secret@host:81/path?a=1&b=2#hash')
    const controller = new AbortController()
    const made = [url, url.searchParams, url.searchParams.entries(), new URLSearchParams('a=1').keys(), url.searchParams
      .values().next(), new TextEncoder(), new TextDecoder(), new TextEncoder().encode('text é'), controller,
      new TextEncoder().encodeInto('é', new Uint8Array(8)), controller.signal, AbortSignal.abort(), AbortSignal.any([]),
      AbortSignal.abort().reason, new Event('x'), new EventTarget(), new DOMException('m', 'AbortError'), performance,
      crypto, crypto.getRandomValues(new Uint8Array(4)), performance.toJSON(), structuredClone({ a: [new Map()] })]
    return made
  }`

/** What fails, in every way there is. */
const failures = `
  const failures = [() => new URL('x'), () => new URL(Symbol()), () => URL('http://a'), () => { new URL('http://a').href = '-' },
    () => new URL(), () => URL.canParse(), () => URL.parse(Symbol()), () => new URLSearchParams([1]),
    () => new URLSearchParams([[1]]), () => new URLSearchParams({ [Symbol.iterator]: 1 }), () => new TextDecoder('x'),
    () => new TextDecoder('utf-8', 1), () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])),
    () => new TextDecoder().decode({}), () => new TextEncoder().encodeInto('x', {}), () => new TextEncoder().encode(Symbol()),
    () => atob('%'), () => atob(), () => btoa('\\u0100'), () => btoa(Symbol()), () => structuredClone(() => {}),
    () => structuredClone(Symbol()), () => structuredClone(), () => structuredClone(new WeakMap()), () => structuredClone(host.give),
    () => structuredClone({}, { transfer: [1] }), () => structuredClone({}, { transfer: [{}] }), () => structuredClone(performance),
    () => queueMicrotask(1), () => new AbortSignal(), () => AbortSignal.timeout(-1), () => AbortSignal.timeout('x'),
    () => AbortSignal.any([1]), () => AbortSignal.any(1), () => AbortSignal.abort().throwIfAborted(), () => new Event(),
    () => new Event('x', 1), () => new Event(Symbol()), () => new EventTarget().addEventListener('x', 1), () => new EventTarget()
      .dispatchEvent({}), () => new EventTarget().addEventListener('x', () => {}, { signal: 1 }), () => new EventTarget()
      .dispatchEvent(), () => new DOMException(Symbol()), () => new performance.constructor(), () => new crypto.constructor(),
    () => crypto.getRandomValues(new Float64Array(1)), () => crypto.getRandomValues(new Uint8Array(1e5)), () => crypto
      .getRandomValues({})]`

export const webGlobals: readonly EscapeCase[] = [
  {
    name: 'web globals, their prototypes and all accessors',
    advisory: 'OwnPilot pull request 35: URL and TextEncoder of the host`s realm in a context',
    script: `${names}
      const look = (what, value, depth) => {
        probe.walk(what, value)
        if (depth === 0 || Object(value) !== value) return
        for (const key of Reflect.ownKeys(value)) {
          const { value: inner, get, set } = Object.getOwnPropertyDescriptor(value, key)
          for (const each of [inner, get, set]) look(what + '.' + String(key), each, depth - 1)
        }
        look(what, Object.getPrototypeOf(value), depth - 1)
      }
      for (const name of names) {
        look(name, Object.getOwnPropertyDescriptor(globalThis, name), 2)
        look(name, globalThis[name], 3)
        if (typeof globalThis[name] === 'function') probe.text(name, String(globalThis[name]))
      }`,
  },
  {
    name: 'instances of the web`s classes, and what hangs on them',
    advisory: 'tc39/proposal-shadowrealm issue 277: constructors of what is provided',
    script: `${instances}
      for (const [i, made] of instances().entries()) {
        probe.walk('instance ' + i, made)
        for (let o = made; o; o = Object.getPrototypeOf(o)) {
          for (const key of Reflect.ownKeys(o)) {
            probe.outcome(String(key), () => probe.walk(String(key), made[key]))
            if (typeof Object.getOwnPropertyDescriptor(o, key).value !== 'function' || key === 'constructor') continue
            probe.outcome(String(key), () => probe.walk(String(key), made[key]()))
          }
        }
      }`,
  },
  {
    name: 'what web globals throw',
    advisory: 'jsdom issue 2729: how a script gets out by Node.constructor',
    script: `${failures}
      for (const fail of failures) {
        try { fail(); if (!/atob|canParse|parse/.test(fail)) probe.text('none', String(fail)) } catch (error) {
          probe.walk(String(fail), error)
          probe.text(String(fail), error.stack)
          probe.text(String(fail), error.message)
          for (const key of Reflect.ownKeys(error)) probe.walk(String(key), error[key])
          if (!(error instanceof Error) && error !== undefined) probe.leak(String(fail))
        }
      }`,
  },
  {
    name: 'web globals near the end of the stack',
    advisory: 'near-membrane issue 48: overflow errors are of the realm of what is called',
    script: `(async () => {
      for (const expression of ["new URL('http://a/?b#c')", "new URL('x')", "URL.canParse('http://a')",
        "new URL('http://a').href = 'http://b'", "new URL('http://a/?b=1').searchParams.append('c', 1)",
        "String(new URLSearchParams('a=1'))", "new URLSearchParams({ a: 1 }).sort()"]) await probe.deep(expression, expression)
    })()`,
  },
  {
    name: 'texts and bytes near the end of the stack',
    advisory: 'vm2 issue 197: a RangeError of the host',
    script: `(async () => {
      for (const expression of ["new TextEncoder().encode('é'.repeat(50))", "new TextDecoder().decode(new Uint8Array(50))",
        "new TextEncoder().encodeInto('é', new Uint8Array(9))", "new TextDecoder('x')", "atob('eHg=')", "btoa('xx')", "atob('%')",
        "new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))"]) await probe.deep(expression, expression)
    })()`,
  },
  {
    name: 'clones, clocks, events and random bytes near the end of the stack',
    advisory: 'vm2 issue 199: overflow in what the host calls back',
    script: `(async () => {
      for (const expression of ["structuredClone({ a: [new Map([[1, new Error('x')]])] })", "structuredClone(() => {})",
        "structuredClone(new DOMException('x'))", 'performance.now()', 'crypto.randomUUID()', "new Event('x').timeStamp",
        'crypto.getRandomValues(new Uint8Array(4))', 'AbortSignal.abort().reason', 'AbortSignal.timeout(1)',
        "new EventTarget().dispatchEvent(new Event('x'))", 'queueMicrotask(() => {})', "new DOMException('x').stack"]) {
        await probe.deep(expression, expression)
      }
    })()`,
  },
  {
    name: 'web globals first touched near the end of the stack',
    advisory: 'V8: lazily made globals are of the realm that asks first',
    script: `${names}
      ;(async () => {
        for (const name of names) await probe.deep(name, 'globalThis.' + name)
        for (const name of names) probe.walk(name, globalThis[name])
        if (new URL('http://a/b').pathname !== '/b') probe.leak('half of a URL')
        if (new TextDecoder().decode(new TextEncoder().encode('é')) !== 'é') probe.leak('half of an encoder')
      })()`,
  },
  {
    name: 'web globals first touched among hostile built-ins',
    advisory: 'vm2 docs/ATTACKS.md, category 11',
    script: `${names} ${instances} ${failures}
      for (const Class of [Object, Array, String, Number, Map, Set, Date, RegExp, Function, Error, Symbol, Promise, ArrayBuffer]) {
        probe.infest(Class.name, Class)
        probe.infest(Class.name, Class.prototype)
      }
      for (const object of [Reflect, JSON, Object.getPrototypeOf(Uint8Array.prototype)]) probe.infest('built-in', object)
      for (const name of names) probe.outcome(name, () => probe.walk(name, globalThis[name]))
      probe.outcome('instances', () => instances())
      for (let i = 0; i < failures.length; i++) probe.outcome('failure', failures[i])`,
  },
  {
    name: 'fields and indices on prototypes, while web globals are made and used',
    advisory: 'vm2 GHSA-9qj6-qjgg-37qq (CVE-2026-44008)',
    script: `${names} ${instances} ${failures}
      const internals = ['ask', 'ops', 'exceptionOf', 'permit', 'handler', 'steps', 'callback', 'run']
      const watch = function (value) {
        for (const each of [this, value]) for (const key of internals) {
          if (Object(each) === each && each !== globalThis && Object.hasOwn(each, key)) probe.leak('an internal ' + key)
        }
      }
      for (let i = 0; i < 12; i++) {
        const accessors = { __proto__: null, get: probe.spy('get', watch), set: probe.spy('set', watch), configurable: true }
        Object.defineProperty(Array.prototype, i, accessors)
      }
      const fields = ['type', 'target', 'next', 'first', 'last', 'signal', 'reason', 'aborted', 'state', 'cause', 'code', 'ops',
        'name', 'fatal', 'ignoreBOM', 'stream', 'transfer', 'once', 'passive', 'capture', 'handleEvent', 'input', 'base', 'value',
        'done', 'get', 'set', 'enumerable', 'writable', 'maxByteLength', 'toJSON', 'platform', 'setTimeout', 'removed', 'serial']
      for (const name of fields) {
        Object.defineProperty(Object.prototype, name, { __proto__: null, configurable: true, get: probe.spy(name, watch), set: probe.spy(name, watch) })
      }
      for (const name of names) probe.outcome(name, () => globalThis[name])
      probe.outcome('instances', () => instances())
      for (let i = 0; i < failures.length; i++) probe.outcome('failure', failures[i])`,
  },
  {
    name: 'the accessors of web globals, called by others and on others',
    advisory: 'vm2 docs/ATTACKS.md, category 15',
    script: `${names}
      const accessors = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))
      for (const [i, { get, set, value }] of accessors.entries()) {
        for (const fn of [get, set, value]) if (fn) probe.walk(names[i], fn)
        for (const self of [undefined, {}, probe.proxy('this', {}), host]) {
          if (set && i % 2) probe.outcome('set', () => set.call(self, probe.spy('mine')))
          if (get) probe.outcome('get', () => probe.walk(names[i], get.call(self)))
        }
        if (get) probe.outcome('new', () => new get())
      }
      Object.freeze(globalThis)
      for (const name of names) probe.outcome(name, () => probe.walk(name, globalThis[name]))`,
  },
  {
    name: 'methods of the web on receivers that are none of theirs',
    advisory: 'happy-dom GHSA-37j7-fg3j-429f (CVE-2025-61927)',
    script: `${instances}
      const made = instances()
      const receivers = [undefined, null, 1, {}, globalThis, probe.proxy('this', {}), Object.create(URL.prototype), ...made,
        ...made.map((one) => Object(one) === one ? new Proxy(one, {}) : one)]
      for (const one of made) {
        const prototype = Object.getPrototypeOf(one)
        for (const key of Reflect.ownKeys(Object(prototype))) {
          if (key === 'constructor') continue
          const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key)
          for (const fn of [value, get, set]) for (const self of typeof fn === 'function' ? receivers : []) {
            probe.outcome(String(key), () => Reflect.apply(fn, self, ['x', 'y']))
          }
        }
      }`,
  },
]
