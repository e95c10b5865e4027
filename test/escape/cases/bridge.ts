import type { EscapeCase } from '../case.js'

/** Names of what the host has put into the context, guessed; and what it left behind there. */
export const bridge: readonly EscapeCase[] = [
  {
    name: 'names of the bridge',
    advisory: 'vm2 GHSA-wp5r-2gw5-m7q7 (CVE-2026-44003)',
    script: `
      const names = ['bridge', 'createBridge', 'codec', 'createCodec', 'callPath', 'createCallPath',
        'formatStacks', 'prepareStackTrace', 'restrictGlobals', 'msgpackr', 'Packr', 'Unpackr', 'held',
        'settling', 'refused', 'outcome', 'encoded', 'complete', 'threw', 'module', 'exports', 'define',
        'vmring', 'realm', 'evaluate', 'root', 'paths', 'uncurry', 'options', '__vmring', '_', '$']
      for (const name of names) {
        if (eval('typeof ' + name) !== 'undefined') probe.leak(name)
        if (name in globalThis) probe.leak(name)
      }
      ;({ a: new Map() })`,
    call: 'String',
  },
  {
    name: 'names of the bridge, by computed keys',
    advisory: 'vm2 GHSA-2cm2-m3w5-gp2f',
    script: `
      const plain = new Set(Object.getOwnPropertyNames(globalThis))
      function receive() {
        for (const key of Reflect.ownKeys(globalThis)) {
          if (!plain.has(key) && key !== 'receive') probe.leak(String(key))
        }
        for (let o = Object.getPrototypeOf(globalThis); o; o = Object.getPrototypeOf(o)) {
          for (const key of Reflect.ownKeys(o)) if (!Reflect.has({}, key)) probe.leak(String(key))
        }
      }`,
    call: 'receive',
  },
  {
    name: 'bindings of other scripts, in the lexical scope',
    advisory: 'SES GHSA-h9w6-f932-gq62 (CVE-2025-32792)',
    script: `
      for (const text of ['let createBridge', 'const codec = 1', 'class Realm {}', 'let outcome']) {
        try { (0, eval)(text) } catch (error) { probe.leak(text) }
      }
      probe.outcome('this', () => (0, eval)('this'))`,
  },
  {
    name: 'compiled code as data',
    advisory: 'isolated-vm GHSA-2jjq-x548-rhpv (CVE-2022-39266)',
    script: `
      for (const name of ['Script', 'compileFunction', 'cachedData', 'importModuleDynamically', 'vm']) {
        if (eval('typeof ' + name) !== 'undefined') probe.leak(name)
      }
      for (const native of ['%DebugPrint(1)', '%GetOptimizationStatus(eval)', '%SystemBreak()']) {
        try { eval(native); probe.leak(native) } catch (error) { probe.check('error', error) }
      }`,
  },
  {
    name: 'what the bridge leaves in the statics of RegExp',
    advisory: 'V8: RegExp.$1 and RegExp.input keep the last match',
    script: `
      const names = ['$1', '$2', 'input', '$_', 'lastMatch', 'lastParen', 'leftContext', 'rightContext']
      function receive() {
        for (const name of names) {
          probe.text(name, RegExp[name])
          if (RegExp[name] !== '') probe.leak(name + ': ' + RegExp[name])
        }
      }
      receive()`,
    call: 'receive',
  },
  {
    name: 'what a script leaves in the statics of RegExp',
    advisory: 'V8: RegExp.$1 and RegExp.input keep the last match',
    script: `
      if (RegExp.$1 !== '') probe.leak('of another context: ' + RegExp.$1)
      ;/(secret)/.exec('a secret of this context')
      probe.walk('RegExp', RegExp)
      for (const name of Object.getOwnPropertyNames(RegExp)) {
        const property = Object.getOwnPropertyDescriptor(RegExp, name)
        probe.check(name, property.get)
        probe.check(name, property.set)
      }
      /x/`,
  },
  {
    name: 'template objects, which are kept for each place',
    advisory: 'ECMAScript, GetTemplateObject: one for each realm and place',
    script: `
      const tag = (strings) => strings
      const strings = [1, 2].map(() => tag\`a\\n\${1}b\`)
      probe.walk('strings', strings[0])
      probe.walk('raw', strings[0].raw)
      if (strings[0] !== strings[1]) probe.leak('two of them')
      ;/x/.mark = 1; [].mark = 1`,
  },
  {
    name: 'the source text of functions',
    advisory: 'ECMAScript, Function.prototype.toString',
    script: `
      const own = new Set(['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'URL',
        'URLSearchParams', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'structuredClone',
        'queueMicrotask', 'AbortController', 'AbortSignal', 'Event', 'EventTarget', 'DOMException'])
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        const value = globalThis[name]
        if (typeof value !== 'function' || value === globalThis.receive) continue
        const text = Function.prototype.toString.call(value)
        probe.text(name, text)
        // What is not the engine's has a text that is in the package; it tells of no file.
        if (!own.has(name) && !text.includes('[native code]')) probe.leak(name + ' is no function of the engine')
      }
      function receive() {}`,
    call: 'receive',
  },
  {
    name: 'a function kept from a call, used later',
    advisory: 'jailed GHSA-77m7-9wvw-87fx (CVE-2022-23923)',
    script: `
      let kept
      function receive(...args) {
        for (const arg of kept ?? []) probe.walk('kept', arg)
        kept = [...args, this, receive.caller, ...Object.values(args[0] ?? {})]
        for (const arg of kept) probe.walk('arg', arg)
        return receive
      }`,
    call: 'receive',
  },
  {
    name: 'names of the ways in, guessed',
    advisory: 'vm2 GHSA-2cm2-m3w5-gp2f',
    script: `
      const names = ['cross', 'facilities', 'createFacilities', 'createHost', 'createTimers', 'ask', 'account',
        'equip', 'timers', 'pending', 'clock', 'printing', 'emit', 'refill', 'makeWeb', 'makeHost', 'kit',
        'takeBuiltIns', 'permit', 'ops', 'CROSS', 'WEB_OPS', 'codec', 'problemOf', 'functions', 'answer']
      for (const name of names) {
        if (eval('typeof ' + name) !== 'undefined') probe.leak(name)
        if (new Function('return typeof ' + name)() !== 'undefined') probe.leak(name)
        for (const holder of [globalThis, host, host.sync, console, setTimeout, URL, host.give]) {
          if (Reflect.has(holder, name) && !Reflect.has(Function.prototype, name)) probe.leak('has ' + name)
        }
      }
      for (const fn of [host.give, host.sync.giveSync, setTimeout, console.log, structuredClone]) {
        for (const key of Reflect.ownKeys(fn)) if (!['length', 'name', 'prototype'].includes(key)) probe.leak(String(key))
      }`,
  },
]
