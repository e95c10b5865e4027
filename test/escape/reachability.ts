import assert from 'node:assert/strict'
import test from 'node:test'
import { createContext, runInContext } from 'node:vm'
import type { VmContext } from 'vmring'
import { serviceForAll } from '../support/service.js'
import { instances } from './cases/web-globals.js'
import { equipped } from './equipped.js'
import { createForeign } from './foreign.js'
import { createStackEnd, KEPT } from './stack-end.js'
import { type Walked, walkSource } from './walk.js'

/** Everything that a script can get at, walked mechanically: all of it must be of its own realm. */

const theService = serviceForAll({
  ...equipped,
  init: [{ source: walkSource, filename: 'walk.js' }],
})

async function withWalk(fn: (context: VmContext) => Promise<void>): Promise<void> {
  const service = await theService()
  await using context = await service.createContext()
  await fn(context)
  assert.equal(service.stats().slots[0]?.generation, 1)
}

async function walkFrom(context: VmContext, roots: string): Promise<number> {
  const { count, report } = (await context.eval(`walk(${roots})`)) as Walked
  assert.equal(report, '')
  return count
}

test('from the global object', () =>
  withWalk(async (context) => {
    // Fewer, and most of the language has been missed.
    assert.ok((await walkFrom(context, '{ globalThis }')) > 1200)
  }))

test('from the globals of the web, one of each, and what they throw', () =>
  withWalk(async (context) => {
    await context.eval(`${instances}
      globalThis.made = [instances(), structuredClone(instances().slice(0, 0))]
      const attempt = (fn) => { try { made.push(fn()) } catch (error) { made.push(error) } }
      for (const fn of [() => new URL('x'), () => atob('%'), () => btoa('\\u0100'), () => structuredClone(made),
        () => new TextDecoder('x'), () => crypto.getRandomValues(1), () => new AbortSignal(), () => setTimeout('x'),
        () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])), () => performance.now.call(1)]) attempt(fn)`)
    assert.ok((await walkFrom(context, 'made')) > 300)
  }))

test('from what functions of the host give and throw, and what timers and events call', () =>
  withWalk(async (context) => {
    await context.eval(
      `
      globalThis.kept = [host, console]
      function receive(...args) { kept.push(args, this, arguments, receive.caller) }
      const tried = (fn) => { try { kept.push(fn()) } catch (error) { kept.push(error) } }
      for (const fn of [() => host.sync.giveSync(), () => host.sync.failSync(), () => host.sync.echoSync(tried),
        () => host.sync.neverSync(), () => host.sync.oddSync(0)]) tried(fn)
      const promises = [host.give(), host.fail(), host.echo({ a: [1] }), host.echo(tried), host.odd(1), host.later({})]
      kept.push(promises)
      for (const promise of promises) promise.then(receive, receive)
      const target = new EventTarget()
      target.addEventListener('x', receive)
      target.dispatchEvent(new Event('x'))
      setTimeout(receive, 1, {})
      queueMicrotask(receive)
      AbortSignal.timeout(1).onabort = receive
      Promise.allSettled(promises).then((settled) => {
        kept.push(settled)
        return new Promise((resolve) => setTimeout(resolve, 5))
      })`,
      { discardResult: true },
    )
    assert.ok((await walkFrom(context, 'kept')) > 100)
  }))

/** Errors of every kind, and promises and other objects that syntax makes. */
const made = `
  const caught = []
  const attempt = (fn) => { try { caught.push(fn()) } catch (error) { caught.push(error) } }
  const sources = ['1 +* 2', 'let a; let a', '({ a: 1, a })', '"\\\\u"', 'await 1', 'import.meta',
    'super()', 'new.target', '/(/', 'class { constructor() {} constructor() {} }', 'null.x', 'x.y',
    'undefinedFunction()', '1n + 1', 'new Array(-1)', 'decodeURI("%")', 'JSON.parse("{")',
    'new Proxy({}, {}) + Symbol()', '"x".repeat(-1)', 'new (class { #a; b(o) { return o.#a } })().b({})']
  for (const source of sources) {
    attempt(() => eval(source))
    attempt(() => (0, eval)(source))
    attempt(() => new Function(source)())
    attempt(() => (async () => {}).constructor(source)())
  }
  attempt(function dive() { dive() })
  attempt(() => { const o = { get x() { return o.x } }; return o.x })
  attempt(() => { const error = new Error(); error.name = Symbol(); return error.stack })
  attempt(() => { const o = {}; Error.captureStackTrace(o); return o })
  attempt(() => { throw new AggregateError([new Error('a')], 'b', { cause: new TypeError('c') }) })
  attempt(() => { const stack = new DisposableStack(); stack.defer(() => null.x); stack.dispose() })
  attempt(() => eval('{ using a = { [Symbol.dispose]() { null.x } }; null.y }'))
  attempt(function () { return arguments })
  attempt(() => ((strings) => strings)\`a\${1}b\`)
  attempt(() => /(?<year>\\d)/d.exec('1'))
  attempt(() => [...'ab'.matchAll(/./g)])
  attempt(() => Object.groupBy?.([1, 2], (n) => n))
  const generators = [function* () { yield 1 }, async function* () { yield null.x }]
  for (const make of generators) caught.push(make, make(), make().next(), make().return(1))
  const intl = Object.getOwnPropertyNames(Intl).map((name) => {
    try { return new Intl[name]('en', { type: 'region' }) } catch (error) { return error }
  })
  caught.push(intl, intl.map((one) => one.resolvedOptions?.()), intl.map((one) => one.format))
  const promises = [import('x'), import('fs'), import('x', { with: { type: 'json' } }), import(Symbol()),
    (0, eval)('import("y")'), Promise.reject(new Error('a')), (async () => null.x)(), Promise.any([]),
    Promise.allSettled([Promise.reject(new Error('b'))]), Promise.resolve().then(() => null.x),
    generators[1]().next()]
  caught.push(promises, Promise.allSettled(promises).then((settled) => caught.push(settled)))
  globalThis.caught = caught`

test('from errors, rejections and whatever else syntax and built-ins make', () =>
  withWalk(async (context) => {
    await context.eval(`${made}; Promise.allSettled(promises)`, { discardResult: true })
    assert.ok((await walkFrom(context, 'caught')) > 500)
  }))

test('from what the host hands in, and what it calls', () =>
  withWalk(async (context) => {
    await context.eval(`
      globalThis.kept = []
      function receive(...args) { kept.push(args, this, arguments, receive.caller); return args }
      const thenable = { then(...args) { kept.push(args, this); args[0]({ toJSON: receive }) } }
      ;({ thenable, get x() { kept.push(this); return 1 }, toJSON: receive })`)
    const values = [
      { a: [1] },
      new Map([[{}, new Set([1n])]]),
      new Date(0),
      /x/g,
      new Uint8Array(3),
    ]
    const error = new RangeError('x', { cause: new AggregateError([new TypeError('y')]) })
    await context.call('receive', [...values, error, new ArrayBuffer(8), [[[]]]])
    await context.call('receive', [1, 'x', null])
    await context.eval('thenable')
    await walkFrom(context, 'kept')
  }))

test('from what fails near the end of the stack', () =>
  withWalk(async (context) => {
    const expressions = ["new Error('x').stack", 'null.x', "import('x')", 'eval("1 + 1")']
    expressions.push(
      'host.give()',
      'host.sync.giveSync()',
      "new URL('http://a')",
      'setTimeout(() => {})',
    )
    await context.eval(`
      globalThis.outcomes = []
      {
        const stackEnd = (${createStackEnd})(${KEPT})
        for (const expression of ${JSON.stringify(expressions)}) {
          const dive = stackEnd(expression)
          outcomes.push(dive(0), dive(1))
        }
      }`)
    await context.eval(`
      Promise.allSettled(outcomes.flatMap(Object.values)).then((settled) => void outcomes.push(settled))`)
    await walkFrom(context, 'outcomes')
  }))

test('the walk finds what is planted', () => {
  const foreign = (): object => ({})
  const planted: Record<string, object> = {
    'as a property': { x: foreign() },
    'under a symbol': { [Symbol('s')]: foreign() },
    'as a getter': Object.defineProperty({}, 'x', { get: () => 1 }),
    'as a function': { x: () => {} },
    'as an error': { x: new TypeError('x') },
    'as a text': { x: 'at file:///host.js:1:1' },
  }
  for (const [how, value] of Object.entries(planted)) {
    const context = createContext({ entries: () => Object.getOwnPropertyDescriptors(value) })
    runInContext(walkSource, context)
    const report: string = runInContext(
      `{
        const own = Object.create(null)
        const all = entries()
        for (const key of Reflect.ownKeys(all)) Object.defineProperty(own, key, { ...all[key] })
        walk({ own }).report
      }`,
      context,
    )
    assert.notEqual(report, '', how)
  }
})

test('a constructor of another realm is told from one`s own', () => {
  const { isForeign } = createForeign()
  const context = createContext()
  assert.equal(isForeign(runInContext('Array', context)), true)
  assert.equal(isForeign(runInContext('Object.setPrototypeOf(class {}, null)', context)), true)
  assert.equal(isForeign(Array), false)
  assert.equal(isForeign(Object.setPrototypeOf(class {}, null)), false)
  assert.equal(
    isForeign(() => {}),
    undefined,
  )
})
