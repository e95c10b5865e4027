import type { EscapeCase } from '../case.js'

/** What formats a stack: CallSites, and the frames of the host that they stand for. */

/** Looks at whatever it is handed as call sites. */
const inspect = `
  function inspect(error, sites) {
    probe.check('error', error)
    probe.check('sites', sites)
    for (const site of Array.isArray(sites) ? sites : []) {
      probe.walk('a site', site)
      for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) {
        if (!/^(get|is|to)/.test(name)) continue
        probe.outcome(name, () => {
          const told = site[name]()
          probe.text(name, String(told))
          return told
        })
      }
    }
    return 'inspected'
  }`

export const stackTraces: readonly EscapeCase[] = [
  {
    name: 'Error.prepareStackTrace, assigned',
    advisory: 'vm2 GHSA-mrgp-mrhc-5jrq (CVE-2022-36067)',
    script: `${inspect}
      Error.prepareStackTrace = inspect
      probe.text('stack', new Error('x').stack)
      probe.outcome('overflow', function f() { f() })`,
  },
  {
    name: 'Error.prepareStackTrace, defined or deleted',
    advisory: 'vm2 GHSA-6pw2-5hjv-9pf7 (CVE-2021-23555)',
    script: `${inspect}
      probe.outcome('define', () => Object.defineProperty(Error, 'prepareStackTrace', { value: inspect }))
      probe.outcome('getter', () => Error.__defineGetter__('prepareStackTrace', () => inspect))
      probe.outcome('delete', () => delete Error.prepareStackTrace)
      probe.outcome('undefined', () => { Error.prepareStackTrace = undefined })
      const error = new Error('x')
      error.name = Symbol()
      probe.outcome('stack', () => error.stack)
      probe.text('stack', new Error('x').stack)`,
  },
  {
    name: 'another Error that has a prepareStackTrace',
    advisory: 'vm2 GHSA-mrgp-mrhc-5jrq (CVE-2022-36067)',
    script: `${inspect}
      const { Error: Own } = globalThis
      globalThis.Error = { prepareStackTrace: inspect }
      probe.text('stack', new Own('x').stack)
      probe.text('engine', (() => { try { null.x } catch (error) { return error.stack } })())
      class Mine extends Own { static prepareStackTrace = inspect }
      globalThis.Error = Mine
      probe.text('stack', new Mine('x').stack)`,
  },
  {
    name: 'a proxy or a getter in place of Error',
    advisory: 'vm2 GHSA-6pw2-5hjv-9pf7 (CVE-2021-23555)',
    script: `${inspect}
      const { Error: Own } = globalThis
      globalThis.Error = probe.proxy('Error', Object.assign(function () {}, { prepareStackTrace: inspect }))
      probe.outcome('stack', () => new Own('x').stack)
      Object.defineProperty(globalThis, 'Error', { get: probe.spy('get', { prepareStackTrace: inspect }) })
      probe.outcome('stack', () => new Own('x').stack)`,
  },
  {
    name: 'Error replaced at the global scope`s own level',
    advisory: 'vm2 GHSA-mrgp-mrhc-5jrq (CVE-2022-36067)',
    script: `${inspect}
      const Own = Error
      delete globalThis.Error
      Object.setPrototypeOf(globalThis, { __proto__: Object.prototype, Error: { prepareStackTrace: inspect } })
      probe.text('inherited', new Own('x').stack)
      Object.prototype.Error = { prepareStackTrace: inspect }
      probe.text('inherited', new Own('x').stack)
      let bare = new Own('x'); bare.name = Symbol()
      probe.outcome('stack', () => bare.stack)`,
  },
  {
    name: 'no Error at all, and a name that is a symbol',
    advisory: 'vm2 docs/ATTACKS.md, category 19 (fallback to the formatter of the host)',
    script: `
      const Own = Error
      for (const other of [undefined, null, 1, {}, { prepareStackTrace: 1 }, Symbol(), class {}]) {
        probe.outcome('replace', () => { globalThis.Error = other })
        const error = new Own('x')
        error.name = Symbol()
        probe.outcome('symbol', () => error.stack)
        probe.text('stack', new Own('x').stack)
      }
      probe.outcome('delete', () => delete globalThis.Error)
      const error = Object.assign(new Own('x'), { name: Symbol() })
      try { error.stack } catch (thrown) { probe.walk('thrown', thrown) }
      probe.text('stack', new Own('x').stack)`,
  },
  {
    name: 'prepareStackTrace on prototypes, subclasses and instances',
    advisory: 'vm2 GHSA-7jxr-cg7f-gpgv (CVE-2023-29017)',
    script: `${inspect}
      class Mine extends Error { static prepareStackTrace = inspect }
      const places = [Object.prototype, Function.prototype, Error.prototype, TypeError, globalThis]
      for (const place of places) {
        Object.defineProperty(place, 'prepareStackTrace', { value: inspect, configurable: true })
      }
      for (const make of [() => new Mine('x'), () => new TypeError('x'), () => eval('null.x')]) {
        try { probe.text('stack', make().stack) } catch (error) { probe.text('stack', error.stack) }
      }
      const own = new Error('x')
      own.prepareStackTrace = inspect
      probe.text('stack', own.stack)`,
  },
  {
    name: 'stacks of errors nobody awaits',
    advisory: 'vm2 GHSA-7jxr-cg7f-gpgv (CVE-2023-29017)',
    script: `${inspect}
      Error.prepareStackTrace = inspect
      ;(async () => { await 1; null.x })()
      Promise.reject(Object.assign(new Error('x'), { name: Symbol() }))
      new Promise((ok) => ok({ get then() { return new Error('x').stack.x } }))
      const later = (async () => { await 1; await 2; return new Error('x').stack })()
      later.then((stack) => probe.text('later', stack))`,
  },
  {
    name: 'the paths in a stack',
    advisory: 'vm2 GHSA-v27g-jcqj-v8rw (CVE-2026-44002)',
    script: `
      const stack = () => new Error('x').stack
      Error.stackTraceLimit = Infinity
      probe.text('plain', stack())
      probe.text('eval', eval('new Error().stack'))
      probe.text('Function', new Function('return new Error().stack')())
      probe.text('sort', [2, 1].sort(stack).join())
      probe.text('replace', 'x'.replace('x', stack))
      ;[1].forEach(() => probe.text('forEach', stack()))
      probe.text('getter', { get x() { return stack() } }.x)
      function receive() { probe.text('called by path', stack()) }
      ;({ get read() { probe.text('read', stack()) }, toJSON: () => probe.text('toJSON', stack()) })`,
    call: 'receive',
  },
  {
    name: 'the paths in stacks of engine errors thrown through the bridge',
    advisory: 'vm2 GHSA-x6m4-chr9-cg97',
    script: `
      Error.stackTraceLimit = 100
      const seen = []
      function receive() { try { null.x } catch (error) { probe.text('caught', error.stack) } }
      ;({ get x() { try { eval('1 +* 2') } catch (error) { probe.text('eval', error.stack) } },
          then(ok) { probe.text('then', new Error('x').stack); ok(1) } })`,
    call: 'receive',
  },
  {
    name: 'captureStackTrace, on things that are no errors',
    advisory: 'V8 documentation, stack trace API: captureStackTrace',
    script: `${inspect}
      for (const target of [{}, [], function () {}, globalThis, probe.proxy('target', {}), new Map()]) {
        probe.outcome('capture', () => Error.captureStackTrace(target, probe.spy))
        const property = Object.getOwnPropertyDescriptor(target, 'stack')
        probe.walk('get', property?.get)
        probe.walk('set', property?.set)
        probe.text('stack', target.stack)
      }`,
  },
  {
    name: 'stackTraceLimit of every kind',
    advisory: 'gf3/sandbox issue 65: call sites out of a stack',
    script: `${inspect}
      for (const limit of [-1, 0, 1e9, NaN, '5', {}, undefined, { valueOf: probe.spy('valueOf') }]) {
        probe.outcome('set', () => { Error.stackTraceLimit = limit })
        probe.text('stack', new Error('x').stack)
        probe.outcome('engine', () => null.x)
      }
      probe.outcome('getter', () => Error.__defineGetter__('stackTraceLimit', probe.spy('limit', 100)))
      probe.text('stack', new Error('x').stack)`,
  },
  {
    name: 'the formatter itself, handed things of the script`s',
    advisory: 'vm2 GHSA-q3fm-4wcw-g57x',
    script: `
      const format = Error.prepareStackTrace
      probe.walk('format', format)
      const site = probe.proxy('site', { toString: probe.spy('toString', 'site') })
      probe.trip('Array.prototype', Array.prototype, ['0', '1', '2', '3'])
      Error.prototype.toString = probe.spy('Error.prototype.toString', 'x')
      String.prototype.indexOf = probe.spy('indexOf', -1)
      if (typeof format === 'function') {
        probe.outcome('format', () => format(probe.proxy('error', new Error('x')), [site, site]))
        probe.outcome('format', () => format(null, probe.proxy('sites', [])))
      }
      probe.text('stack', new Error('x').stack)`,
  },
  {
    name: 'what a stack`s first line asks of an error',
    advisory: 'vm2 docs/ATTACKS.md, category 19',
    script: `
      for (const name of ['name', 'message', 'toString', 'constructor']) {
        const error = new Error('x')
        Object.defineProperty(error, name, { get: probe.spy(name, () => { throw error }) })
        probe.outcome(name, () => error.stack)
      }
      class Mine extends Error { get name() { return probe.spy('inherited', Symbol())() } }
      probe.outcome('inherited', () => new Mine().stack)
      throw new Mine('x')`,
    ends: 'thrown',
  },
  {
    name: 'a conversion to text that is handed call sites',
    advisory: 'vm2 GHSA-mrgp-mrhc-5jrq (CVE-2022-36067)',
    script: `const sites = []
      for (const prototype of [Object.prototype, Function.prototype, String.prototype]) {
        Object.defineProperty(prototype, Symbol.toPrimitive, { configurable: true, value: function () {
          if (typeof this === 'object' && !(this instanceof Error)) sites.push(this)
          return 'converted'
        } })
      }
      const text = new Error('x').stack
      for (const prototype of [Object.prototype, Function.prototype, String.prototype]) {
        delete prototype[Symbol.toPrimitive]
      }
      probe.text('stack', text)
      if (sites.length > 0) probe.leak('call sites')`,
  },
]
