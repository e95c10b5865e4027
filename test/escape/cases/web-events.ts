import type { EscapeCase } from '../case.js'

/** Events and signals: whom they call, on what, and what they can be made to believe. */

export const webEvents: readonly EscapeCase[] = [
  {
    name: 'listeners of all kinds, and how they are called',
    advisory: 'WHATWG DOM, inner invoke: handleEvent is looked up at each call',
    script: `
      const target = new EventTarget()
      function sloppy(event) {
        probe.walk('this', this)
        probe.walk('event', event)
        probe.check('callee', arguments.callee.caller)
        probe.check('caller', sloppy.caller)
        for (const key in event) probe.outcome(key, () => probe.walk(key, event[key]))
      }
      const listeners = [sloppy, probe.spy('spied'), probe.proxy('function', function () {}), { handleEvent: probe.spy('handleEvent') },
        { get handleEvent() { return probe.spy('got') } }, probe.proxy('object', { handleEvent: sloppy }), { handleEvent: 1 }, class {},
        () => { throw { thrown: 1 } }, { get handleEvent() { throw target } }, sloppy.bind(null), async () => { throw 1 }]
      for (const listener of listeners) {
        for (const options of [undefined, true, { once: true }, probe.proxy('options', { passive: true })]) {
          probe.outcome('add', () => target.addEventListener('x', listener, options))
        }
      }
      for (const event of [new Event('x'), new (class extends Event {})('x', { cancelable: true })]) {
        probe.outcome('dispatch', () => target.dispatchEvent(event))
        probe.walk('composed', event.composedPath())
      }
      probe.outcome('proxy', () => target.dispatchEvent(new Proxy(new Event('x'), {})))
      probe.outcome('of a prototype', () => target.dispatchEvent(Object.create(Event.prototype)))`,
  },
  {
    name: 'superclasses exchanged under the constructors that call them',
    advisory: 'vm2 issue 177: a constructor that the host calls',
    script: `
      const { signal } = new AbortController()
      for (const Class of [AbortSignal, AbortController, Event, URL, DOMException, EventTarget]) {
        Object.setPrototypeOf(Class, probe.spy(Class.name + ' super', function (...args) {
          probe.walk('new.target', new.target)
          for (const arg of args) probe.leak('an argument of ' + Class.name)
          return probe.proxy('made', {})
        }))
      }
      probe.outcome('controller', () => probe.walk('signal', new AbortController().signal))
      probe.outcome('any', () => probe.walk('any', AbortSignal.any([signal])))
      probe.outcome('abort', () => AbortSignal.abort(probe.spy('reason')))
      Object.setPrototypeOf(AbortSignal, function () { return globalThis })
      probe.outcome('the global object', () => probe.walk('signal', new AbortController().signal))
      probe.outcome('twice', () => new AbortController().signal)
      Object.setPrototypeOf(AbortSignal, null)
      probe.outcome('none', () => new AbortController())`,
  },
  {
    name: 'what only the maker of signals has, guessed',
    advisory: 'vm2 GHSA-v37h-5mfm-c47c (CVE-2026-24781)',
    script: `
      const makers = [AbortSignal, performance.constructor, crypto.constructor]
      const guesses = [undefined, {}, Object.create(null), AbortSignal, host, probe.proxy('permit', {}), Symbol('permit'), globalThis]
      for (const Class of makers) {
        for (const guess of guesses) {
          probe.outcome('new', () => probe.walk('made', new Class(guess)))
          probe.outcome('construct', () => Reflect.construct(Class, [guess], probe.spy('newTarget')))
          probe.outcome('extends', () => new (class extends Class { constructor() { super(guess) } })())
          probe.outcome('call', () => Class.call({}, guess))
        }
      }
      class Stamp extends function (value) { return value } { #mark = 1; static has = (value) => #mark in value }
      for (const one of [performance, crypto, new AbortController().signal]) {
        probe.outcome('stamped', () => new Stamp(one))
        probe.walk('stamped', one)
      }`,
  },
  {
    name: 'signals that follow signals, far and in circles',
    advisory: 'WHATWG DOM, create a dependent abort signal',
    script: `(async () => {
      const controller = new AbortController()
      const chain = [controller.signal]
      for (let i = 0; i < 3e4; i++) chain.push(AbortSignal.any([chain[i]]))
      const cycle = []
      cycle.push(AbortSignal.any(cycle), AbortSignal.any([...cycle, controller.signal]))
      const hostile = { [Symbol.iterator]: probe.spy('iterator', () => ({ next: probe.spy('next', () => ({ done: step++ > 3, value: controller.signal })),
        return: probe.spy('return') })) }
      let step = 0
      probe.outcome('hostile', () => AbortSignal.any(hostile))
      probe.outcome('proxies', () => AbortSignal.any([new Proxy(controller.signal, {})]))
      chain[10].addEventListener('abort', probe.spy('abort', () => controller.abort('again')))
      chain[20].onabort = probe.spy('onabort', () => { throw controller })
      probe.outcome('abort', () => controller.abort(probe.proxy('reason', {})))
      for (const signal of [chain[1], chain.at(-1), ...cycle]) {
        probe.outcome('throw', () => signal.throwIfAborted())
        probe.walk('reason', signal.reason)
      }
      probe.outcome('after', () => AbortSignal.any([chain[5]]).reason)
    })()`,
  },
  {
    name: 'signals that time out, and their reasons',
    advisory: 'vm2 issue 482: semi-private properties of what setImmediate returns',
    script: `(async () => {
      const signal = AbortSignal.timeout(1)
      const own = setTimeout
      globalThis.setTimeout = probe.spy('setTimeout')
      Object.defineProperty(Object.prototype, 'setTimeout', { configurable: true, get: probe.spy('setTimeout'), set: probe.spy('setTimeout') })
      const other = AbortSignal.timeout(2)
      signal.addEventListener('abort', probe.spy('abort', function (event) {
        probe.walk('event', event)
        if (!event.isTrusted || event.target !== signal) probe.leak('another event')
      }))
      other.onabort = probe.spy('onabort')
      await new Promise((resolve) => own(resolve, 6))
      for (const { reason } of [signal, other]) {
        probe.walk('reason', reason)
        probe.text('reason', reason?.stack)
      }
      probe.outcome('thrown', () => signal.throwIfAborted())
    })()`,
  },
  {
    name: 'signals in options that are none',
    advisory: 'Bun pull request 34444: descriptors that inherit from Object.prototype',
    script: `
      const target = new EventTarget()
      const { signal } = new AbortController()
      const kinds = [probe.proxy('signal', {}), new Proxy(signal, {}), Object.create(signal), { aborted: true, addEventListener: probe.spy('add') },
        Object.setPrototypeOf({}, AbortSignal.prototype), null, 1, host]
      for (const each of kinds) {
        probe.outcome('signal', () => target.addEventListener('x', () => {}, { signal: each }))
        probe.outcome('got', () => target.addEventListener('x', () => {}, { get signal() { return each } }))
      }
      let turn = 0
      probe.outcome('shifting', () => target.addEventListener('x', probe.spy('listener'), { get signal() { return turn++ ? {} : signal } }))
      for (const name of ['signal', 'once', 'capture', 'passive', 'bubbles', 'cancelable', 'get', 'set', 'value']) {
        Object.defineProperty(Object.prototype, name, { configurable: true, get: probe.spy(name), set: probe.spy(name) })
      }
      probe.outcome('inherited', () => target.addEventListener('x', probe.spy('inherited'), {}))
      probe.outcome('event', () => target.dispatchEvent(new Event('x', {})))`,
  },
  {
    name: 'events on their way while listeners come and go',
    advisory: 'WHATWG DOM, dispatch: the flags of an event',
    script: `
      const target = new EventTarget()
      const event = new Event('x', { cancelable: true })
      let count = 0
      const again = probe.spy('again', () => {
        if (count++ > 50) return
        target.addEventListener('x', probe.spy('added'))
        target.removeEventListener('x', again)
        target.addEventListener('x', again)
        probe.outcome('the same', () => target.dispatchEvent(event))
        probe.outcome('another', () => target.dispatchEvent(new Event('x')))
        event.stopImmediatePropagation = probe.spy('stop')
        Object.setPrototypeOf(event, null)
      })
      target.addEventListener('x', again)
      probe.outcome('dispatch', () => target.dispatchEvent(event))
      const dive = () => { try { return dive() } catch (error) { probe.check('overflow', error); throw error } }
            target.addEventListener('y', () => target.dispatchEvent(new Event('y')))
      target.addEventListener('z', dive)
      probe.outcome('overflow', () => target.dispatchEvent(new Event('z')))
      probe.outcome('endless', () => target.dispatchEvent(new Event('y')))`,
  },
  {
    name: 'microtasks that are queued, and errors that nobody sees',
    advisory: 'Node.js documentation, process: rejectionHandled',
    script: `(async () => {
      function sloppy() {
        probe.walk('this', this)
        probe.check('caller', sloppy.caller)
        probe.check('arguments', arguments.length)
      }
      probe.infest('Promise.prototype', Promise.prototype)
      Object.defineProperty(Promise.prototype, 'constructor', { get: probe.spy('constructor', () => Promise) })
      for (const callback of [sloppy, probe.spy('spied'), probe.proxy('proxy', function () {}), class {}, () => { throw 1 }, Function]) {
        probe.check('returned', queueMicrotask(callback))
      }
      probe.outcome('new', () => new queueMicrotask(sloppy))
      const target = new EventTarget()
      for (let i = 0; i < 100; i++) target.addEventListener('x', () => { throw probe.proxy('thrown ' + i, new Error('x')) }, { once: i % 2 === 0 })
      target.dispatchEvent(new Event('x'))
      await 0
      await host.later(1)
    })()`,
  },
]
