import type { EscapeCase } from '../case.js'

/** Who called, by `caller`, `callee` and the `arguments` of functions further up. */
export const callers: readonly EscapeCase[] = [
  {
    name: 'the caller of a function called by path',
    advisory: 'SandboxJS GHSA-g8f2-4f4f-5jqw (CVE-2026-43898)',
    script: `
      function receive() {
        probe.walk('caller', receive.caller)
        probe.walk('callee.caller', arguments.callee.caller)
      }`,
    call: 'receive',
  },
  {
    name: 'the caller`s caller and its arguments',
    advisory: 'vm2 docs/ATTACKS.md, category 5',
    script: `
      function receive() {
        let f = receive
        for (let i = 0; f && i < 9; i++) {
          probe.walk('caller', f)
          probe.outcome('arguments', () => f.arguments)
          try { f = f.caller } catch { break }
        }
      }
      ;({ get x() { receive() }, toJSON: receive, toString: receive })`,
    call: 'receive',
  },
  {
    name: 'the caller of a getter in a result',
    advisory: 'safe-eval GHSA-79xf-67r4-q2jj (CVE-2023-26122)',
    script: `
      const getter = probe.spy('getter', 1)
      const made = {}
      made.__defineGetter__('x', getter)
      Object.defineProperty(made, 'y', { get: getter, enumerable: true })
      ;({ made, x: made, get z() { return probe.spy('z')() } })`,
  },
  {
    name: 'the caller of a getter in an error',
    advisory: 'vm2 docs/ATTACKS.md, category 5',
    script: `
      const error = new Error('x')
      for (const name of ['name', 'message', 'stack', 'cause', 'code']) {
        Object.defineProperty(error, name, { get: probe.spy(name, 'text'), enumerable: true })
      }
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'the caller of then and of toJSON',
    advisory: 'vm2 GHSA-99p7-6v5w-7xg8 (CVE-2026-22709)',
    script: `({ then: probe.spy('then', (ok) => ok({ toJSON: probe.spy('toJSON', 1) })) })`,
    ends: 'any',
  },
  {
    name: 'the accessors of caller and arguments',
    advisory: 'notevil GHSA-9gxr-rhx6-4jgv',
    script: `
      const strict = (() => { 'use strict'; return function () { return arguments } })()
      for (const o of [Function.prototype, strict, strict(), class {}, async () => {}]) {
        for (const name of ['caller', 'arguments', 'callee']) {
          const property = Object.getOwnPropertyDescriptor(o, name)
          probe.walk('get ' + name, property?.get)
          probe.walk('set ' + name, property?.set)
          probe.outcome(name, () => o[name])
        }
      }`,
  },
  {
    name: 'the caller of code at the top level',
    advisory: 'Node.js documentation, vm: not a security mechanism',
    script: `
      function top() { return top.caller }
      probe.walk('top', top())
      probe.walk('eval', eval('top()'))
      probe.walk('Function', new Function('f', 'return f()')(top))
      probe.walk('sort', [2, 1].sort(probe.spy('compare', () => 0)))`,
  },
  {
    name: 'the list of arguments that a proxy is called with',
    advisory: 'vm2 GHSA-whpj-8f3w-67p5 (CVE-2023-32314)',
    script: `
      const handler = probe.proxy('handler', {
        apply: probe.spy('apply', (target, self, args) => {
          probe.walk('arguments', args)
          probe.walk('this', self)
          return args.length
        }),
        get: probe.spy('get', Reflect.get),
      })
      const receive = new Proxy(function () {}, handler)`,
    call: 'receive',
  },
  {
    name: 'the list of arguments that a proxy is called with, behind functions bound to it',
    advisory: 'vm2 GHSA-whpj-8f3w-67p5 (CVE-2023-32314)',
    script: `
      const target = new Proxy(() => 1, { apply: (_, self, args) => probe.walk('arguments', args).length })
      var methods = probe.proxy('methods', { receive: target.bind({}, 1).bind(null, 'two') })`,
    call: 'methods.receive',
  },
  {
    name: 'what a call of no function throws',
    advisory: 'V8: calls of proxies throw in the realm of the caller',
    script: `
      const { proxy, revoke } = Proxy.revocable(() => 1, {})
      revoke()
      const seen = []
      Object.defineProperty(Error, Symbol.hasInstance, { value: (it) => { probe.walk('error', it); return false } })
      Object.prototype.__defineGetter__('name', function () { probe.walk('named', this); return 'x' })
      var receive = proxy`,
    call: 'receive',
  },
  {
    name: 'a class called by path',
    advisory: 'V8: a class that is called throws in its own realm',
    script: `
      class Receive { static call = probe.spy('call'); static apply = probe.spy('apply') }
      Object.defineProperty(TypeError.prototype, 'name', { get: probe.spy('name', 'x') })
      Object.defineProperty(TypeError.prototype, 'message', { get: probe.spy('message', 'x') })`,
    call: 'Receive',
  },
  {
    name: 'what a path is called as',
    advisory: 'SandboxJS GHSA-g8f2-4f4f-5jqw (CVE-2026-43898)',
    script: `
      var tree = { get branch() { probe.walk('this', this); return { receive() { return probe.walk('leaf', this) && 1 } } } }
      function receive() {
        probe.check('caller', receive.caller)
        probe.walk('arguments', arguments)
        return new Error().stack.includes('vmring') ? probe.leak('stack') : 1
      }
      Function.prototype.call = probe.spy('call')
      Function.prototype.apply = probe.spy('apply')
      Array.prototype[Symbol.iterator] = probe.spy('iterator')`,
    call: 'tree.branch.receive',
  },
  {
    name: 'the caller of a function whose name strict code can`t have',
    advisory: 'SandboxJS GHSA-g8f2-4f4f-5jqw (CVE-2026-43898)',
    script: `
      function static() {
        for (let f = static, i = 0; f && i < 9; i++) {
          probe.walk('caller', f)
          probe.outcome('arguments', () => f.arguments)
          try { f = f.caller } catch { break }
        }
        probe.walk('callee', arguments.callee.caller)
      }`,
    call: 'static',
  },
]
