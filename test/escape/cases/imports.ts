import type { EscapeCase } from '../case.js'

/** `import()` is syntax: it can't be taken away, and it is the host that answers it. */

const advisory = 'vm2 GHSA-rjf2-j2r6-q8gr (CVE-2021-23449)'

/** Each of these, and nothing else, in one case. */
const spellings: Readonly<Record<string, string>> = {
  'as it is': `import('x')`,
  'of a module of Node.js': `Promise.allSettled([import('fs'), import('node:fs'), import('node:vm')])`,
  'of data and of files': `Promise.allSettled([
    import('data:text/javascript,export default globalThis'), import('file:///etc/passwd'),
    import('./x.js'), import('/x.js'), import('')])`,
  'with options': `import('x', { with: { type: 'json' } })`,
  'with options that are looked at': `import('x', probe.proxy('options', { with: probe.proxy('with', {}) }))`,
  'of something with a toString': `import({ toString: probe.spy('specifier', 'x') })`,
  'of something that has no text': `import(Symbol())`,
  'of something that throws': `import({ [Symbol.toPrimitive]() { return new Error('x').stack.x.y } })`,
  'in eval': `eval("import('x')")`,
  'in an indirect eval': `(0, eval)("import('x')")`,
  'in new Function': `new Function("return import('x')")()`,
  'in an async Function': `(async () => {}).constructor("return await import('x')")()`,
  'in a generator Function': `(function* () {}).constructor("yield import('x')")().next().value`,
  'in an async generator': `(async function* () { yield import('x') })().next()`,
  'in a static block': `class A { static { A.promise = import('x') } } A.promise`,
  'in a class field': `new (class { promise = import('x') })().promise`,
  'in a default parameter': `((promise = import('x')) => promise)()`,
  'in a reaction': `Promise.resolve().then(() => import('x'))`,
  'in a replacer': `{ let p; 'x'.replace('x', () => { p = import('x') }); p }`,
  'in a with statement': `with ({ x: 'x' }) import(x)`,
  'as a thenable`s value': `({ then(ok) { ok(import('x')) } })`,
  'in a template': `((parts, promise) => promise)\`\${import('x')}\``,
}

const spelled: readonly EscapeCase[] = Object.entries(spellings).map(([how, source]) => ({
  name: `import() ${how}`,
  advisory,
  script: `
    const source = ${JSON.stringify(source)}
    probe.settles('direct', (() => eval(source))()).then(() =>
      probe.settles('constructed', (async () => (0, eval)(source))()))`,
}))

export const imports: readonly EscapeCase[] = [
  ...spelled,
  {
    name: 'the promise of an import(), and a constructor walk from it',
    advisory: 'safe-eval issue 27: a sandbox escape by import()',
    script: `
      const promise = import('test')
      probe.walk('promise', promise)
      probe.walk('caught', promise.catch(() => {}))
      promise.catch((error) => probe.walk('reason', error))`,
  },
  {
    name: 'a rejected import() as the result',
    advisory: 'SES GHSA-9c4h-3f7h-322r (CVE-2023-39532)',
    script: `
      const promise = import('x')
      promise.then(probe.spy('ok'), probe.spy('no'))
      promise`,
    ends: 'thrown',
  },
  {
    name: 'import() called by path, and from a getter of a result',
    advisory: 'SES GHSA-9c4h-3f7h-322r (CVE-2023-39532)',
    script: `
      const receive = () => probe.settles('called', import('x'))
      ;({ get x() { probe.settles('got', import('x')); return 1 } })`,
    call: 'receive',
  },
  {
    name: 'import.source, import.defer and import.meta',
    advisory: 'tc39/proposal-dynamic-import issue 26: import() gets through a membrane',
    script: `
      for (const source of ["import.source('x')", "import.defer('x')", 'import.meta', 'import.meta.url']) {
        for (const run of [eval, (text) => new Function(text)(), (text) => eval('(' + text + ')')]) {
          probe.outcome(source, () => {
            const value = run(source)
            probe.settles(source, value)
            return value
          })
        }
      }
      probe.outcome('static', () => eval('import "x"'))
      probe.settles('other', import('x'))`,
  },
  {
    name: 'import() with Promise taken apart',
    advisory,
    script: `
      probe.infest('Promise.prototype', Promise.prototype)
      Object.defineProperty(Promise, Symbol.species, { get: probe.spy('species', function () {}) })
      globalThis.Promise = probe.spy('Promise')
      const promise = import('x')
      probe.check('promise', promise)
      probe.settles('import', promise)`,
  },
]
