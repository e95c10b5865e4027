import type { EscapeCase } from '../case.js'

/** What web globals are given to read: texts, bytes, values to clone, parts of URLs. */

export const webData: readonly EscapeCase[] = [
  {
    name: 'clones, and of which realm they are',
    advisory: 'Node.js issue 55554: structuredClone gives objects of the main realm',
    script: `
      const originals = [{}, [], new Date(0), /x/g, new Map([[{}, []]]), new Set([{}]), new Error('e', { cause: {} }), new Uint8Array(2),
        new RangeError('r'), new ArrayBuffer(2), new DataView(new ArrayBuffer(2)), Object('s'), Object(1n), new BigInt64Array(1),
        new AggregateError([new Error('x')]), new ArrayBuffer(2, { maxByteLength: 8 }), new (class A { a = 1 })()]
      for (const original of originals) {
        const clone = probe.walk('clone', structuredClone(original))
        if (!(clone instanceof Object)) probe.leak('a clone of another realm')
        for (const key of Reflect.ownKeys(clone)) probe.walk(String(key), clone[key])
        probe.walk('moved', structuredClone(new ArrayBuffer(4), { transfer: [] }))
      }
      const buffer = new ArrayBuffer(4)
      probe.walk('transferred', structuredClone({ buffer }, { transfer: [buffer] }).buffer)`,
  },
  {
    name: 'values that are cloned while they look on',
    advisory: 'vm2 GHSA-m283-3h24-438v (CVE-2026-47686)',
    script: `
      const shrinking = [1, { get x() { shrinking.length = 0; return shrinking } }, 3]
      const hostile = new Error('x')
      Object.defineProperties(hostile, { name: { get: probe.spy('name', () => '__proto__') }, stack: { value: {} },
        cause: { get: probe.spy('cause', () => hostile) } })
      const tagged = (tag) => ({ get [Symbol.toStringTag]() { return tag } })
      const values = [probe.proxy('object', { a: 1 }), probe.proxy('array', [1]), probe.proxy('map', new Map()), shrinking, hostile,
        { get a() { return probe.spy('a')() } }, tagged('Map'), tagged('Error'), tagged({ toString: probe.spy('tag') }),
        Object.assign(new Map([[1, 2]]), { constructor: probe.spy('constructor') }), Object.setPrototypeOf([], Map.prototype),
        Object.setPrototypeOf(new Map(), probe.proxy('prototype', {})), Object.create({ get inherited() { return 1 } }),
        JSON.parse('{"__proto__": {"polluted": 1}}'), Object.setPrototypeOf(new Date(0), null)]
      for (const value of values) {
        probe.outcome('clone', () => probe.walk('clone', structuredClone(value)))
        probe.outcome('inner', () => structuredClone([value, new Map([[value, value]])]))
      }
      if ({}.polluted) probe.leak('__proto__ was set')
      const pattern = /x/
      Object.defineProperty(pattern, 'source', { get: probe.spy('source', () => '(') })
      pattern[Symbol.match] = probe.spy('match')
      probe.outcome('pattern', () => structuredClone(pattern))`,
  },
  {
    name: 'lists of what to transfer that are no lists',
    advisory: 'vm2 docs/ATTACKS.md, category 3 (Symbol.iterator)',
    script: `
      const buffer = new ArrayBuffer(8, { maxByteLength: 64 })
      const next = probe.spy('next', () => { buffer.resize?.(64); return { done: turn++ > 2, get value() { return buffer } } })
      let turn = 0
      const lists = [{ [Symbol.iterator]: probe.spy('iterator', () => ({ next, return: probe.spy('return') })) }, 'text', [buffer, buffer],
        probe.proxy('list', [buffer]), new Set([buffer]), (function* () { try { yield buffer; yield 1 } finally { probe.check('this', this) } })()]
      for (const transfer of lists) {
        probe.outcome('transfer', () => structuredClone({ buffer, get x() { buffer.resize?.(1); return 1 } }, { transfer }))
        probe.outcome('options', () => structuredClone(1, probe.proxy('options', { transfer })))
      }
      Array.prototype[Symbol.iterator] = probe.spy('elements', () => ({ next: probe.spy('step', () => ({ done: true })) }))
      const gone = new ArrayBuffer(4)
      probe.outcome('moved', () => structuredClone(gone, { transfer: [gone] }))
      probe.outcome('twice', () => structuredClone(gone, { transfer: [gone] }))`,
  },
  {
    name: 'DOMException: its prototype, its copy, its cause',
    advisory: 'Node.js issue 49181: structuredClone of a DataCloneError',
    script: `
      let error
      try { structuredClone(() => {}) } catch (thrown) { error = thrown }
      for (const one of [error, structuredClone(error), new DOMException('m', { name: 'n', cause: {} }), new (class extends DOMException {})()]) {
        probe.walk('exception', one)
        for (let o = one; o; o = Object.getPrototypeOf(o)) {
          for (const key of Reflect.ownKeys(o)) probe.outcome(String(key), () => probe.walk(String(key), o[key]))
        }
        probe.text('stack', one.stack)
        if (!(one instanceof Error)) probe.leak('no error')
      }
      Error.captureStackTrace = probe.spy('captureStackTrace')
      Object.setPrototypeOf(DOMException, probe.spy('super'))
      Object.setPrototypeOf(DOMException.prototype, probe.proxy('prototype', {}))
      globalThis.DOMException = probe.spy('DOMException')
      probe.outcome('again', () => probe.walk('again', atob('%')))
      probe.outcome('hostile', () => new error.constructor({ toString: probe.spy('message') }, probe.proxy('options', {})))`,
  },
  {
    name: 'memory that is shared, gone or lies about its length, to encoders and decoders',
    advisory: 'hoppscotch pull request 6512: lengths that a script says',
    script: `
      const gone = new Uint8Array(8)
      if (gone.buffer.transfer) gone.buffer.transfer()
      else structuredClone(gone.buffer, { transfer: [gone.buffer] })
      const growing = new Uint8Array(new ArrayBuffer(4, { maxByteLength: 1024 }))
      const lying = new Uint8Array(4)
      for (const key of ['length', 'byteLength', 'byteOffset', 'buffer']) {
        Object.defineProperty(lying, key, { get: probe.spy(key, () => 1e9) })
      }
      const views = [gone, growing, lying, new Uint8Array(lying.constructor === Uint8Array ? 0 : 1), new DataView(new ArrayBuffer(4)),
        Object.setPrototypeOf(new Uint8Array(4), null), Object.setPrototypeOf(new Uint8Array(4), Float64Array.prototype),
        probe.proxy('view', new Uint8Array(4)), new (class extends Uint8Array {})(4)]
      for (const view of views) {
        probe.outcome('into', () => new TextEncoder().encodeInto('é'.repeat(1000), view))
        probe.outcome('decode', () => new TextDecoder().decode(view))
        probe.outcome('stream', () => { const d = new TextDecoder('shift_jis'); d.decode(view, { stream: true }); return d.decode(view) })
        probe.outcome('random', () => probe.walk('random', crypto.getRandomValues(view)))
        probe.outcome('while it reads', () => new TextDecoder().decode(view, { get stream() { growing.buffer.resize?.(1024); return true } }))
      }
      const outside = new Uint8Array(growing.buffer, 0, 4)
      growing.buffer.resize?.(0)
      probe.outcome('out of bounds', () => [new TextDecoder().decode(outside), crypto.getRandomValues(outside)])
      if (new TextDecoder().decode(new Uint8Array(1000)) !== '\\0'.repeat(1000)) probe.leak('bytes of others')`,
  },
  {
    name: 'typed arrays replaced, under encoders, decoders and random bytes',
    advisory: 'isolated-vm GHSA-2jjq-x548-rhpv (CVE-2022-39266)',
    script: `
      const encoder = new TextEncoder(), decoder = new TextDecoder(), bytes = new Uint8Array(64), { crypto } = globalThis
      const Typed = Object.getPrototypeOf(Uint8Array)
      for (const object of [Typed.prototype, Uint8Array.prototype, ArrayBuffer.prototype, DataView.prototype]) probe.infest('typed', object)
      Object.defineProperty(Typed, Symbol.species, { get: probe.spy('species', () => probe.spy('made')) })
      Object.defineProperty(Uint8Array.prototype, 'constructor', { get: probe.spy('constructor', () => probe.spy('made')) })
      Object.setPrototypeOf(Uint8Array, probe.spy('super'))
      for (let i = 0; i < 4; i++) Object.defineProperty(Typed.prototype, i, { get: probe.spy('index'), set: probe.spy('index') })
      globalThis.Uint8Array = globalThis.ArrayBuffer = probe.spy('a class')
      for (const text of ['x', 'é'.repeat(100), '\\ud800']) {
        probe.outcome('encode', () => probe.walk('encoded', encoder.encode(text)))
        probe.outcome('into', () => probe.walk('written', encoder.encodeInto(text, bytes)))
        probe.outcome('decode', () => decoder.decode(bytes, { stream: true }))
        probe.outcome('random', () => probe.walk('random', crypto.getRandomValues(bytes)))
      }`,
  },
  {
    name: 'what is between a URL and its parser',
    advisory: 'ECMAScript, JSON.stringify: toJSON is called wherever it is found',
    script: `
      const url = new URL('http://host/?a=1'), params = url.searchParams
      for (const prototype of [Object.prototype, Array.prototype, String.prototype]) {
        prototype.toJSON = probe.spy('toJSON', () => ({ forged: true }))
      }
      JSON.parse = probe.spy('parse', () => [{}]); JSON.stringify = probe.spy('stringify', () => '["forged","1"]')
      Object.defineProperty(Array.prototype, 0, { configurable: true, set: probe.spy('set', function () {
        Object.defineProperty(this, 0, { value: { forged: probe.spy('forged') }, writable: true, configurable: true }) }) })
      probe.outcome('append', () => { params.append('b', '2'); return url.href })
      probe.outcome('sort', () => { params.sort(); return [...params] })
      delete Array.prototype[0]
      for (const part of ['href', 'search', 'hash', 'host', 'username', 'port', 'protocol', 'pathname', 'origin']) {
        for (const value of ['"],"x":["', '\\u0000\\u2028', '__proto__', { toString: probe.spy('text', () => 'x') }, Symbol('s')]) {
          probe.outcome(part, () => { url[part] = value; return url[part] })
          if (typeof url[part] !== 'string') probe.leak('a part that is no text')
        }
      }
      probe.outcome('forged', () => new URL({ toString: probe.spy('input', () => ({})) }))`,
  },
  {
    name: 'iterators of parameters, after their prototypes have changed',
    advisory: 'vm2 docs/attacks/host-prototype-mutation.md, category 20 (iterator prototypes)',
    script: `
      const params = new URLSearchParams('a=1&b=2')
      const iterator = params.entries()
      const prototype = Object.getPrototypeOf(iterator)
      probe.walk('prototype', prototype)
      probe.outcome('constructor', () => probe.walk('made', new iterator.constructor(() => [{}], 0)))
      probe.outcome('foreign', () => prototype.next.call(probe.proxy('this', {})))
      prototype.next = probe.spy('next', prototype.next)
      for (const [name, value] of params) probe.walk('pair', [name, value])
      Object.setPrototypeOf(prototype, probe.proxy('iterators', {}))
      URLSearchParams.prototype[Symbol.iterator] = probe.spy('iterator', () => ({ next: probe.spy('forged', () => ({ done: true })) }))
      probe.outcome('copied', () => String(new URLSearchParams(params)))
      probe.outcome('shrinking', () => params.forEach((value, key, all) => { all.delete(key); probe.walk('all', all) }, probe.proxy('self', {})))
      probe.outcome('spied', () => new URLSearchParams([['x', '1']]).forEach(probe.spy('callback')))
      class Odd extends URLSearchParams { append() { probe.check('append', this) } entries() { return [1] } }
      probe.outcome('of a class', () => [...new Odd('a=1')].concat(String(new Odd([['a', 'b']]))))`,
  },
]
