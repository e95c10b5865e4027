import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createForeign } from '../escape/foreign.js'
import { createStackEnd, KEPT } from '../escape/stack-end.js'
import { type Walked, walkSource } from '../escape/walk.js'
import { rejections, WebContext } from './context.js'

/** Nothing that a script gets at is of another realm, whatever it does. */

/** Whatever the globals are made of and make. */
const everything = `[
  URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa, structuredClone, queueMicrotask,
  AbortController, AbortSignal, Event, EventTarget, DOMException, performance, crypto,
  new URL('http://a/?b=c'), new URL('http://a/?b=c').searchParams, new URLSearchParams('a=b'),
  new URLSearchParams('a=b').entries(), new TextEncoder(), new TextEncoder().encode('ä'.repeat(99)),
  new TextEncoder().encode('a'), new TextEncoder().encodeInto('ä', new Uint8Array(9)), new TextDecoder(),
  structuredClone({ a: [1, new Map([[1, new Date()]]), new Uint8Array(3), new Error('x', { cause: /x/ })] }),
  new AbortController(), new AbortController().signal, AbortSignal.abort(), AbortSignal.any([]),
  new Event('x'), new EventTarget(), new DOMException('a', 'b'), crypto.getRandomValues(new Uint8Array(3)),
]`

/** Expressions each of which fails, or may. */
const failing = [
  "new URL('nonsense')",
  "URL.canParse('http://a')",
  "new URL('http://a/?b').searchParams.append('a', 'b')",
  "new URL('http://a').href = 'x'",
  "new URLSearchParams('a=b&c=d').toString()",
  "new URLSearchParams([['a', 'b']]).sort()",
  'new URLSearchParams([1])',
  "new TextEncoder().encode('ä'.repeat(50))",
  "new TextEncoder().encodeInto('ä', new Uint8Array(5))",
  "new TextDecoder('nonsense')",
  "new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))",
  'new TextDecoder().decode(new Uint8Array(50))',
  "atob('*')",
  "btoa('\\u1000')",
  'structuredClone(() => 1)',
  "structuredClone({ a: [new Map([[1, 2]]), new Error('x')] })",
  'structuredClone(1, { transfer: [new ArrayBuffer(2)] })',
  'queueMicrotask(() => {})',
  'new AbortSignal()',
  'AbortSignal.abort().throwIfAborted()',
  'AbortSignal.any([AbortSignal.abort()])',
  'new AbortController().abort()',
  "new EventTarget().dispatchEvent(new Event('x'))",
  "new EventTarget().addEventListener('x', 5)",
  "new Event('x')",
  "new DOMException('a', 'AbortError')",
  'performance.now()',
  'crypto.getRandomValues(new Uint8Array(8))',
  'crypto.getRandomValues(new Float32Array(8))',
  'crypto.randomUUID()',
]

// The frames of these contexts are the host's: who formats stacks in vmring hides them.
const bare = 'Error.stackTraceLimit = 0;'

test('all that can be reached is of the context', async () => {
  const web = new WebContext({ extras: '({ setTimeout: (fn) => fn() })' })
  web.run(bare)
  web.run(walkSource)
  const walk = (roots: string) => web.run(`walk(${roots})`) as Walked
  let walked: Walked | undefined
  // Asynchronous functions are called as well.
  await rejections(() => {
    walked = walk(everything)
  })
  const { count, report } = walked as unknown as Walked
  assert.equal(report, '')
  assert.ok(count > 500, `${count}`)
  const errors = failing.map(
    (text) => `(() => { try { return ${text} } catch (e) { return e } })()`,
  )
  await rejections(() => assert.equal(walk(`[${errors}]`).report, ''))
})

/** Looks at outcomes at the end of the stack, from where there is stack. */
const lookSource = `(foreign, outcomes) => {
  const found = []
  for (const level in outcomes) foreign.look(level, outcomes[level], 3, (path) => found.push(path))
  return found.join()
}`

/** How many of the questions near the end of the stack failed in the worker's realm. */
let failures = 0

test('what fails for want of stack fails with an error of the context', () => {
  for (const expression of failing) {
    // Where the globals are there already it is the questions that fail, where they aren't their making.
    for (const isWarm of [true, false]) {
      const web = new WebContext({
        cross: (ask) => (op, a, b, c) => {
          let isDone = false
          try {
            const answer = ask(op, a, b, c)
            isDone = true
            return answer
          } finally {
            if (!isDone) failures++
          }
        },
      })
      web.run(bare)
      const attempt = `(() => { try { return typeof (${expression}) } catch (e) { return e.name + e.message } })()`
      if (isWarm) web.run(attempt)
      const look = web.run(lookSource) as (foreign: unknown, outcomes: unknown) => string
      const foreign = web.run(`(${createForeign})()`)
      const end = web.run(`(${createStackEnd})(${KEPT})`) as ReturnType<typeof createStackEnd>
      const dive = end(expression)
      for (let round = 0; round < 4; round++)
        assert.equal(look(foreign, dive(round)), '', expression)
      // And all of it works again where there is stack.
      assert.equal(web.run(attempt), new WebContext().run(attempt), expression)
    }
  }
  assert.ok(failures > 20, `${failures}`)
})

/** Notes what it is called with, by syntax alone. */
const spySource = `
  const spied = { __proto__: null }
  let spies = 0
  function spy(value) { if (spies < 500) spied[spies++] = value }
  function hostile() {
    'use strict'
    spy(this)
    for (let i = 0; i < arguments.length; i++) spy(arguments[i])
    throw 'hostile'
  }
  const U8 = Uint8Array
`

/** What a script may do to the built-ins before it uses any global. */
const hostility = {
  methods: `{
    const { defineProperty, getOwnPropertyDescriptor, ownKeys, getPrototypeOf } = Reflect
    const TypedArray = getPrototypeOf(Uint8Array)
    const all = [Object, Array, Map, Set, WeakMap, String, RegExp, Promise, Function, Date, Error, Number,
      BigInt, Boolean, Symbol, ArrayBuffer, DataView, TypedArray]
    const iterator = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()))
    const prototypes = [iterator, getPrototypeOf([][Symbol.iterator]())]
    for (const Class of all) prototypes.push(Class.prototype)
    const found = []
    for (const prototype of prototypes) {
      for (const key of ownKeys(prototype)) {
        const property = getOwnPropertyDescriptor(prototype, key)
        if (property.configurable && key !== 'constructor') found.push([prototype, key, property])
      }
    }
    for (let i = found.length - 1; i >= 0; i--) {
      const prototype = found[i][0]
      const property = found[i][2]
      if (typeof property.value === 'function') property.value = hostile
      if (property.get) property.get = hostile
      defineProperty(prototype, found[i][1], property)
    }
  }`,
  statics: `const { getOwnPropertyNames: namesOf } = Object
  for (const o of [Reflect, JSON, Array, ArrayBuffer, Math, Number, Promise, Date, Error, Symbol, Object]) {
    for (const key of namesOf(o)) {
      if (typeof o[key] === 'function') try { o[key] = hostile } catch {}
    }
  }`,
  prototype: `for (const name of ['get', 'set', 'value', 'enumerable', 'configurable', 'writable', 'then',
    'toJSON', 'constructor', 'capture', 'once', 'passive', 'signal', 'transfer', 'stream', 'fatal']) {
    Object.defineProperty(Object.prototype, name,
      { __proto__: null, get: hostile, set: hostile, configurable: true })
  }`,
  indices: `for (let i = 0; i < 6; i++) {
    Object.defineProperty(Array.prototype, i, { get: hostile, set: hostile, configurable: true })
  }`,
  constructors: `for (const name of ['Error', 'TypeError', 'RangeError', 'Object', 'Array', 'Map', 'Set', 'Symbol',
    'String', 'Promise', 'Reflect', 'JSON', 'Uint8Array', 'ArrayBuffer', 'Date', 'RegExp', 'Function']) {
    globalThis[name] = hostile
  }`,
  species: `for (const Class of [Array, ArrayBuffer, Map, Set, Promise, RegExp]) {
    Class.prototype.constructor = { [Symbol.species]: hostile }
    Object.defineProperty(Class, Symbol.species, { get: hostile })
  }`,
}

/** What has to come out all the same. */
const results: readonly [string, unknown][] = [
  ["new URL('/b?c=1', 'http://a').href", 'http://a/b?c=1'],
  [
    "(u => { u.searchParams.delete('c'); u.hash = 'd'; u.searchParams.set('x', 'y z'); return u.href })(new URL('http://a/?c=1'))",
    'http://a/?x=y+z#d',
  ],
  ["new URLSearchParams('b=1&a=2').get('a')", '2'],
  ["(p => { p.sort(); return p.toString() })(new URLSearchParams('b=1&a=2'))", 'a=2&b=1'],
  ['new URLSearchParams({ a: 1 }).toString()', 'a=1'],
  ["new TextDecoder().decode(new TextEncoder().encode('ä'))", 'ä'],
  ["new TextEncoder().encodeInto('äb', new U8(9)).read", 2],
  ["btoa(atob('aGk='))", 'aGk='],
  ['structuredClone({ a: { b: 2 } }).a.b', 2],
  ['structuredClone(new U8(3))[2]', 0],
  ['AbortSignal.abort().aborted', true],
  [
    '(c => { let seen; c.signal.onabort = (e) => { seen = e.type }; c.abort(); return seen })(new AbortController())',
    'abort',
  ],
  [
    "((t, seen) => { t.addEventListener('x', (e) => { seen = e.type }); t.dispatchEvent(new Event('x')); return seen })(new EventTarget())",
    'x',
  ],
  ["new DOMException('m', 'AbortError').code", 20],
  ['typeof performance.now()', 'number'],
  ['crypto.randomUUID().length', 36],
  ['typeof crypto.getRandomValues(new U8(4))[3]', 'number'],
]
/** Lists of parameters are arrays, which ask their prototype about indices: the script's own harm. */
const isSpoiled = (name: string, expression: string) =>
  name === 'indices' && expression.includes('earchParams')

test('a script that changes the built-ins gets nothing of another realm, and harms itself alone', () => {
  for (const [name, hostile] of Object.entries(hostility)) {
    for (const [expression, expected] of [...results, ...failing.map((text) => [text] as const)]) {
      const web = new WebContext()
      web.run(bare)
      web.run(spySource)
      const look = web.run(`((foreign) => () => {
        let found = ''
        for (let i = 0; i < spies; i++) foreign.look('' + i, spied[i], 2, (path) => { found += path + ' ' })
        return found
      })((${createForeign})())`) as () => string
      web.run(hostile)
      const outcome = web.run(
        `{ let outcome; try { outcome = (${expression}); spy(outcome) } catch (e) { outcome = 'threw'; spy(e) } outcome }`,
      )
      assert.equal(look(), '', `${name}: ${expression}`)
      if (expected !== undefined && !isSpoiled(name, expression)) {
        assert.equal(outcome, expected, `${name}: ${expression}`)
      }
    }
  }
})
