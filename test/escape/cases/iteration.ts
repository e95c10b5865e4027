import type { EscapeCase } from '../case.js'

/** Generators and iterators, where values change hands without a `catch` or a `then` in sight. */

const unformattable = `
  function fail() { const error = new Error(); error.name = Symbol(); return error.stack }`

export const iteration: readonly EscapeCase[] = [
  {
    name: 'yield* and a thenable given to return',
    advisory: 'vm2 GHSA-248r-7h7q-cr24 (CVE-2026-45411)',
    script: `${unformattable}
      async function* outer() {
        yield* { [Symbol.asyncIterator]: () => ({ next: (value) => ({ value, done: false }) }) }
      }
      ;(async () => {
        for (const way of ['return', 'throw', 'next']) {
          const iterator = outer()
          await iterator.next()
          const thenable = { then: probe.spy('then', (ok) => { fail(); ok() }) }
          await probe.settles(way, iterator[way](thenable))
          await probe.settles(way, iterator.next(Promise.resolve().then(fail)))
        }
      })()`,
  },
  {
    name: 'return and throw of generators',
    advisory: 'vm2 docs/attacks/promise-async.md, category 29',
    script: `${unformattable}
      function* inner() { try { yield 1 } finally { fail() } }
      for (const way of ['return', 'throw', 'next']) {
        const iterator = inner()
        iterator.next()
        probe.check('iterator', iterator)
        probe.outcome(way, () => iterator[way](new Error('given')))
      }`,
  },
  {
    name: 'Array.fromAsync',
    advisory: 'vm2 GHSA-v27g-jcqj-v8rw (CVE-2026-44002)',
    script: `${unformattable}
      const source = { async *[Symbol.asyncIterator]() { yield 1; fail() } }
      Promise.all([
        probe.settles('failing', (async () => Array.fromAsync(source))()),
        probe.settles('mapped', (async () => Array.fromAsync([0], fail))()),
        probe.settles('into', (async () => Array.fromAsync.call(probe.spy('C'), [1]))()),
      ])`,
  },
  {
    name: 'for await over hostile iterators',
    advisory: 'vm2 docs/attacks/promise-async.md, category 29',
    script: `${unformattable}
      const iterator = probe.proxy('iterator', {
        next: probe.spy('next', fail), return: probe.spy('return', fail),
      })
      probe.settles('loop', (async () => {
        for await (const x of { [Symbol.asyncIterator]: () => iterator }) break
      })())`,
  },
  {
    name: 'an iterable as a result',
    advisory: 'vm2 docs/ATTACKS.md, category 3 (Symbol.iterator)',
    script: `
      const next = probe.spy('next', () => ({ done: true, value: 1 }))
      ;({
        [Symbol.iterator]: probe.spy('iterator', () => ({ next, return: probe.spy('return') })),
        [Symbol.asyncIterator]: probe.spy('asyncIterator', () => ({ next })),
      })`,
  },
  {
    name: 'iterator helpers',
    advisory: 'vm2 docs/attacks/host-prototype-mutation.md, category 20 (iterator prototypes)',
    script: `${unformattable}
      function* numbers() { yield 1; yield 2 }
      const all = [numbers(), [1].values(), new Map().entries(), new Set().keys(), 'x'.matchAll(/x/g)]
      for (const iterator of all) {
        for (let o = iterator; o; o = Object.getPrototypeOf(o)) probe.walk('iterator', o)
        for (const name of ['map', 'filter', 'take', 'drop', 'flatMap', 'toArray']) {
          probe.outcome(name, () => iterator[name]?.(probe.spy(name)))
          probe.outcome(name, () => [...(numbers()[name]?.(fail) ?? [])])
        }
      }
      if (typeof Iterator !== 'undefined') {
        probe.outcome('from', () => Iterator.from({ next: fail }).next())
        probe.walk('helper', Iterator.from({ next: probe.spy('next') }))
      }`,
  },
  {
    name: 'the hidden prototypes of generators',
    advisory: 'vm2 GHSA-3vgf-8m4q-q4qr',
    script: `
      const makers = [function* () {}, async function* () {}]
      for (const make of makers) {
        for (let o = make(); o; o = Object.getPrototypeOf(o)) probe.walk('object', o)
        for (let o = make; o; o = Object.getPrototypeOf(o)) probe.walk('maker', o)
      }
      probe.settles('result', makers[1]().next())`,
  },
]
