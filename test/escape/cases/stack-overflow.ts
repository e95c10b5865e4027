import type { EscapeCase } from '../case.js'

/** Near the end of the stack it is the host`s code that fails, and throws an error of the host. */

export const stackOverflow: readonly EscapeCase[] = [
  {
    name: 'formatting a stack near the limit',
    advisory: 'vm2 GHSA-wf5x-cr3r-xr77 (CVE-2019-10761)',
    script: `
      const made = new Error('made elsewhere')
      probe.deep('stack', "new Error('x').stack")
      probe.deep('made', 'made.stack')
      probe.deep('engine', '(() => { try { null.x } catch (error) { return error.stack } })()')
      Error.stackTraceLimit = 100
      probe.deep('long', "new TypeError('x').stack")
      probe.deep('captured', 'Error.captureStackTrace(made) ?? made.stack')`,
  },
  {
    name: 'the overflow`s own error',
    advisory: 'safer-eval CVE-2019-10769: a RangeError of the host',
    script: `
      let seen = 0
      const look = (error) => { if (seen++ < 50) probe.check('overflow', error); throw error }
      function dive() { try { dive() } catch (error) { if (seen < 50) look(error); throw error } }
      probe.outcome('dive', dive)
      probe.outcome('getter', () => { const o = { get x() { return o.x } }; return o.x })
      probe.outcome('proxy', () => { const p = new Proxy({}, { get: (t, k) => p[k] }); return p.x })
      probe.outcome('text', () => { const o = { toString: () => '' + o }; return '' + o })`,
  },
  {
    name: 'an error thrown by a trap near the limit',
    advisory: 'vm2 GHSA-ch3r-j5x3-6q2m (CVE-2023-30547)',
    script: `
      const hard = new Proxy({}, {
        getPrototypeOf() { probe.deep('stack', 'new Error().stack'); return null.x },
      })
      for (const way of [() => hard instanceof Error, () => Object.getPrototypeOf(hard)]) {
        probe.outcome('trap', way)
      }
      probe.deep('trap', 'Object.getPrototypeOf(hard)')`,
  },
  {
    name: 'import() near the limit',
    advisory: 'vm2 GHSA-rjf2-j2r6-q8gr (CVE-2021-23449)',
    script: `
      Promise.all([
        probe.deep('import', "import('x')"),
        probe.deep('options', "import('x', {})"),
        probe.deep('in eval', '(0, eval)("import(1)")'),
      ])`,
  },
  {
    name: 'compiling near the limit',
    advisory: 'SandboxJS GHSA-8pfc-jjgw-6g26 (CVE-2026-34211)',
    script: `
      probe.deep('eval', "eval('1 + 1')")
      probe.deep('Function', "new Function('return this')")
      probe.deep('error', "(0, eval)('1 +* 2')")
      const nested = '('.repeat(5000) + '1' + ')'.repeat(5000)
      probe.outcome('nested', () => eval(nested))
      probe.outcome('arrays', () => JSON.parse('['.repeat(20000)))
      probe.outcome('pattern', () => new RegExp('('.repeat(20000)))`,
  },
  {
    name: 'built-ins near the limit',
    advisory: 'safer-eval CVE-2019-10769: a RangeError of the host',
    script: `
      const o = { toJSON: String, get a() { return 1 } }
      const ways = ['JSON.stringify(o)', '[2, 1].sort()', '"ab".replace(/b/g, String)', '[..."ab"]',
        'Array.from({ length: 2 }, String)', 'new Map([[1, 2]])', '"x".localeCompare("y")', 'o.b.c',
        'new Date().toLocaleString()', 'Object.assign({}, o)', 'console.log("x")', 'Promise.all([1])',
        'Symbol() + ""', 'new Proxy(o, {}).a', 'Reflect.construct(Date, [])', 'new Set("ab")']
      Promise.all(ways.map((way) => probe.deep(way, way)))`,
  },
  {
    name: 'lazy globals first touched near the limit',
    advisory: 'V8: lazily made globals are of the realm that asks first',
    script: `
      const names = ['Temporal', 'Intl', 'Iterator', 'console', 'DisposableStack', 'Float16Array']
      for (const name of names) {
        probe.deep(name, 'globalThis.' + name)
        probe.walk(name, globalThis[name])
      }
      probe.deep('now', 'Temporal.Now.instant()')
      probe.deep('format', 'new Intl.DateTimeFormat().format(0)')`,
  },
  {
    name: 'a result read near the limit',
    advisory: 'vm2 GHSA-xj72-wvfv-8985 (CVE-2023-29199)',
    script: `
      function dive() { try { dive() } catch (error) { probe.check('caught', error) } }
      const nested = { get x() { dive(); return 1 }, get y() { dive(); throw new Error('y').stack } }
      ;(async () => nested)()`,
    ends: 'thrown',
  },
  {
    name: 'an error read near the limit',
    advisory: 'vm2 GHSA-wf5x-cr3r-xr77 (CVE-2019-10761)',
    script: `
      const error = new Error('x')
      const dive = () => probe.deep('stack', "new Error('y').stack")
      for (const name of ['name', 'message', 'stack', 'cause']) {
        Object.defineProperty(error, name, { get() { dive(); return 'x' }, enumerable: true })
      }
      throw error`,
    ends: 'thrown',
  },
  {
    name: 'a formatter that overflows',
    advisory: 'vm2 GHSA-v27g-jcqj-v8rw (CVE-2026-44002)',
    script: `
      const error = new Error('x')
      Object.defineProperty(error, 'name', { get() { return new Error(error.stack).stack } })
      probe.outcome('stack', () => error.stack)
      const again = new Error('x')
      Object.defineProperty(again, 'message', { get: function dive() { return dive() } })
      probe.outcome('stack', () => again.stack)`,
  },
  {
    name: 'a species constructor near the limit',
    advisory: 'vm2 GHSA-76w7-j9cq-rx2j (CVE-2026-47208)',
    script: `
      class Mine extends Promise {
        static get [Symbol.species]() { return function (executor) { executor(() => {}, check) } }
      }
      function check(error) { probe.check('rejected', error) }
      const stack = () => new Error('x').stack
      stack()
      Promise.all([
        probe.deep('then', 'new Mine(stack).then()'),
        probe.deep('finally', 'Mine.resolve(1).finally(stack) && stack()'),
      ])`,
  },
  {
    name: 'a thenable given to an async generator near the limit',
    advisory: 'vm2 GHSA-248r-7h7q-cr24 (CVE-2026-45411)',
    script: `
      async function* outer() {
        yield* { [Symbol.asyncIterator]: () => ({ next: (value) => ({ value, done: false }) }) }
      }
      const at = (depth) => (depth > 0 ? at(depth - 1) : new Error('x').stack.length)
      ;(async () => {
        let [low, high] = [0, 60000]
        while (low < high) {
          const depth = (low + high) >> 1
          const iterator = outer()
          await iterator.next()
          const thenable = { then(ok) { at(depth); ok('fine') } }
          const result = await iterator.return(thenable).catch((error) => error)
          probe.check('captured', result)
          if (result.value === 'fine') low = depth + 1
          else high = depth
        }
      })()`,
  },
  {
    name: 'async functions and reactions near the limit',
    advisory: 'vm2 GHSA-cchq-frgv-rjh5 (CVE-2023-37466)',
    script: `
      const stack = async () => new Error('x').stack
      async function* numbers() { yield new Error('x').stack }
      stack()
      numbers().next()
      Promise.all([
        probe.deep('async', 'stack()'),
        probe.deep('then', 'Promise.resolve(1).then(stack)'),
        probe.deep('generator', 'numbers().next()'),
      ])`,
  },
]
