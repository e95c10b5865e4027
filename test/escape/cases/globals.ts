import type { EscapeCase } from '../case.js'

/** What is in scope without anyone's having put it there, and what comes out of it. */

const walkAll = `
  const walkAll = (what, value, depth = 2) => {
    probe.walk(what, value)
    if (depth === 0 || Object(value) !== value) return
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      walkAll(what + '.' + String(key), property.value ?? property.get, depth - 1)
    }
  }`

export const globals: readonly EscapeCase[] = [
  {
    name: 'timers, and their constructors',
    advisory: 'safer-eval issue 10: clearImmediate.constructor',
    script: `
      for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearImmediate',
        'queueMicrotask', 'structuredClone']) {
        const value = globalThis[name]
        if (value === undefined) continue
        probe.walk(name, value)
      }`,
  },
  {
    name: 'what only modules of Node.js have',
    advisory: 'Node.js documentation, modules: the module scope',
    script: `
      const names = ['process', 'require', 'module', 'exports', '__filename', '__dirname', 'global',
        'Buffer', 'fetch', 'WebSocket', 'navigator', 'localStorage', 'Worker', 'MessageChannel',
        'BroadcastChannel', 'Blob', 'File', 'FormData', 'Headers', 'ReadableStream', 'CompressionStream',
        'CryptoKey', 'SubtleCrypto', 'PerformanceObserver', 'setImmediate', 'clearImmediate',
        'internalBinding', 'primordials', 'getLinkedBinding', 'gc', 'reportError', 'EventSource']
      for (const name of names) {
        if (eval('typeof ' + name) !== 'undefined') probe.leak(name)
        if (new Function('return typeof ' + name)() !== 'undefined') probe.leak(name)
      }`,
  },
  {
    name: 'console and its methods',
    advisory: 'safer-eval pull request 6: console.constructor',
    script: `${walkAll}
      if (typeof console !== 'undefined') walkAll('console', console)`,
  },
  {
    name: 'what console methods return',
    advisory: 'V8 inspector: console.context(), console.createTask(), console.memory',
    script: `${walkAll}
      const c = globalThis.console ?? {}
      for (const name of ['context', 'createTask', 'memory']) if (name in c) probe.leak(name)
      probe.outcome('context', () => { walkAll('context', c.context?.('x')); return c.context?.() })
      probe.outcome('createTask', () => {
        const task = c.createTask?.('x')
        walkAll('task', task)
        return task?.run?.(probe.spy('run'))
      })
      probe.outcome('memory', () => walkAll('memory', c.memory))
      for (const name of Object.getOwnPropertyNames(c)) {
        if (name === 'clear') continue
        probe.outcome(name, () => c[name]?.(probe.proxy('logged', {}), probe.spy('logged')))
      }`,
  },
  {
    name: 'ShadowRealm',
    advisory: 'tc39/proposal-shadowrealm: callable boundary',
    script: `
      if (typeof ShadowRealm !== 'undefined') {
        const realm = new ShadowRealm()
        probe.check('evaluated', realm.evaluate('() => {}'))
        probe.outcome('thrown', () => realm.evaluate('null.x'))
        probe.settles('imported', realm.importValue('x', 'y'))
      }`,
  },
  {
    name: 'marks of async hooks on promises',
    advisory: 'Node.js documentation, async_hooks: promise execution tracking',
    script: `
      const promises = [Promise.resolve(), (async () => {})(), new Promise(() => {}), Promise.all([]),
        Promise.resolve().then(() => {}), (async function* () {})().next(), import('x')]
      for (const promise of promises) {
        for (const key of Reflect.ownKeys(promise)) {
          probe.leak('a promise has ' + String(key))
          probe.walk('mark', promise[key])
        }
        promise.catch(() => {})
      }`,
  },
  {
    name: 'Intl and what it returns',
    advisory: 'ECMA-402, legacy constructors of Intl',
    script: `${walkAll}
      for (const name of Object.getOwnPropertyNames(Intl)) {
        walkAll(name, Intl[name], 1)
        probe.outcome(name, () => Intl[name](name === 'DisplayNames' ? undefined : 'en'))
        probe.outcome(name, () => {
          const made = new Intl[name]('en', { type: 'region' })
          probe.walk('options', made.resolvedOptions?.())
          probe.walk('parts', made.formatToParts?.(1))
          probe.walk('format', made.format)
          return made
        })
      }
      const bare = Object.create(Intl.NumberFormat.prototype)
      probe.outcome('legacy', () => Intl.NumberFormat.call(bare))
      for (const key of Reflect.ownKeys(bare)) probe.walk('fallback', bare[key])
      probe.outcome('not a locale', () => (1).toLocaleString('not a locale'))`,
  },
  {
    name: 'Temporal, which is made when it is first touched',
    advisory: 'V8: lazily made globals are of the realm that asks first',
    script: `${walkAll}
      if (typeof Temporal !== 'undefined') {
        walkAll('Temporal', Temporal, 3)
        probe.walk('instant', Temporal.Now.instant())
        probe.walk('date', Temporal.PlainDate.from('2000-01-01').add({ days: 1 }))
        probe.outcome('bad', () => Temporal.PlainDate.from('x'))
        probe.outcome('bag', () => Temporal.PlainDate.from(probe.proxy('bag', { year: 2000 })))
        probe.walk('legacy', new Date(0).toTemporalInstant())
      }
      probe.walk('Date', new Date())`,
  },
  {
    name: 'WeakRef and weak collections',
    advisory: 'ECMAScript, WeakRef: kept alive until the end of the job',
    script: `
      const kept = {}
      probe.walk('ref', new WeakRef(kept))
      probe.walk('target', new WeakRef(kept).deref())
      for (const Weak of [WeakMap, WeakSet]) {
        probe.walk('weak', new Weak())
        probe.outcome('bad', () => new Weak([1]))
      }
      probe.outcome('symbol', () => new WeakRef(Symbol.for('x')))`,
  },
  {
    name: 'objects that pass for undefined',
    advisory: 'ECMAScript annex B.3.6: document.all',
    script: `
      for (const name of Reflect.ownKeys(globalThis)) {
        const value = globalThis[name]
        if (typeof value === 'undefined' && value !== undefined) probe.leak(String(name))
      }
      const results = [(() => {})(), void 0, [].at(9), new Map().get(1), eval(''), Reflect.get({}, 'x')]
      for (const value of results) if (value !== undefined) probe.leak('no undefined')`,
  },
  {
    name: 'locale, time zone and environment',
    advisory: 'Node.js documentation, command line: TZ, LANG and NODE_ICU_DATA',
    script: `
      for (const value of Object.values(Intl.DateTimeFormat().resolvedOptions())) probe.text('option', value)
      probe.text('date', String(new Date(0)))
      probe.text('number', (1e6).toLocaleString())
      probe.outcome('supported', () => Intl.supportedValuesOf?.('timeZone'))`,
  },
]
