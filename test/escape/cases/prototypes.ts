import type { EscapeCase } from '../case.js'

/**
 * Writes to prototypes, and built-ins replaced: code of the host that runs in the context, or reads
 * what it made, must not ask them. What comes of the values is the script's own affair: any end will do.
 */

/** Whatever the bridge reads or writes by name, on its own side or on the worker's. */
const names = [
  ...['kind', 'bytes', 'name', 'message', 'stack', 'extra', 'path', 'why', 'next', 'call', 'value'],
  ...[
    'rejected',
    'discard',
    'cause',
    'properties',
    'thrown',
    'get',
    'set',
    'writable',
    'enumerable',
  ],
  ...['configurable', 'then', 'head', 'names', 'length', 'source', 'flags', 'filename', 'options'],
  ...[
    'displayErrors',
    'timeout',
    'code',
    'errors',
    'type',
    'data',
    'toJSON',
    'useRecords',
    'encode',
  ],
  ...[
    'decode',
    'pack',
    'unpack',
    'structures',
    'maxDepth',
    'functions',
    'problem',
    '0',
    '1',
    '2',
    '3',
  ],
]

const trip = `probe.trip('Object.prototype', Object.prototype, ${JSON.stringify(names)})`

const rich = `({ a: [1, 'x', 2n ** 70n], m: new Map([[1, new Set([new Date(0)])]]), e: new RangeError('x'),
  r: /x/g, b: new Uint8Array(3), u: undefined, z: -0, [Symbol('s')]: 1, f() {} })`

const infested = (what: string): EscapeCase => ({
  name: `every method of ${what} replaced`,
  advisory: advisories[what] ?? 'vm2 docs/ATTACKS.md, category 11',
  script: `
    probe.infest('${what}', ${what})
    function receive(...args) { probe.check('args', args); return args }
    Promise.resolve(${rich})`,
  call: 'receive',
  ends: 'any',
})

const advisories: Readonly<Record<string, string>> = {
  'Map.prototype': 'SandboxJS GHSA-66h4-qj4x-38xp (CVE-2026-25587)',
  'WeakMap.prototype': 'vm2 GHSA-4w2j-2rg4-5mjw (CVE-2022-25893)',
  'Array.prototype': 'vm2 GHSA-q3fm-4wcw-g57x',
  'Function.prototype': 'SandboxJS GHSA-2gg9-6p7w-6cpj (CVE-2026-34208)',
  Reflect: 'vm2 GHSA-v6mx-mf47-r5wg (CVE-2026-47131)',
  Object: 'n8n GHSA-6xcw-7xm6-48c6',
}

const replaceable = [
  ...[
    'Object',
    'Reflect',
    'JSON',
    'Math',
    'Promise',
    'Array',
    'Symbol',
    'Number',
    'String',
    'Error',
  ],
  ...[
    'Function',
    'Array',
    'String',
    'Number',
    'BigInt',
    'Symbol',
    'RegExp',
    'Date',
    'Map',
    'Set',
  ].map((name) => `${name}.prototype`),
  ...['WeakMap.prototype', 'Error.prototype', 'Promise.prototype', 'DataView.prototype'],
  ...['ArrayBuffer.prototype', 'Object.getPrototypeOf(Uint8Array.prototype)', 'Object.prototype'],
  'Object.getPrototypeOf(Object.getPrototypeOf([].values()))',
]

export const prototypes: readonly EscapeCase[] = [
  {
    name: 'accessors on Object.prototype, and a result',
    advisory: 'vm2 docs/ATTACKS.md, category 14',
    script: `${trip}; ${rich}`,
    ends: 'any',
  },
  {
    name: 'accessors on Object.prototype, and an error',
    advisory: 'vm2 docs/ATTACKS.md, category 2',
    script: `${trip}; throw Object.assign(new Error('x', { cause: {} }), { own: { a: 1 } })`,
    ends: 'any',
  },
  {
    name: 'accessors on Object.prototype, and a promise',
    advisory: 'vm2 docs/ATTACKS.md, category 2',
    script: `${trip}; Promise.reject({ a: 1 }).catch(() => (${rich}))`,
    ends: 'any',
  },
  {
    name: 'accessors on Object.prototype, and a call with arguments',
    advisory: 'vm2 docs/ATTACKS.md, category 14',
    script: `function receive(...args) { probe.check('args', args); return args }; ${trip}`,
    call: 'receive',
    ends: 'any',
  },
  {
    name: 'setters at the indices of Array.prototype',
    advisory: 'vm2 GHSA-9qj6-qjgg-37qq (CVE-2026-44008)',
    script: `
      probe.trip('Array.prototype', Array.prototype, Array.from({ length: 20 }, (_, i) => String(i)))
      function receive(...args) { probe.check('args', args); return args }
      probe.outcome('stack', () => new Error('x').stack)
      ;[, , ${rich}]`,
    call: 'receive',
    ends: 'any',
  },
  {
    name: 'descriptors that inherit get, set and value',
    advisory: 'vm2 docs/ATTACKS.md, category 15',
    script: `
      Object.prototype.get = probe.spy('get', 1)
      Object.prototype.value = probe.proxy('value', {})
      Object.prototype.enumerable = true
      throw Object.defineProperty(new Error('x'), 'a', { set: undefined })`,
    ends: 'any',
  },
  {
    name: 'call, apply and bind of functions replaced',
    advisory: 'vm2 docs/ATTACKS.md, category 7 (Function.prototype.call)',
    script: `
      for (const name of ['call', 'apply', 'bind', Symbol.hasInstance]) {
        const own = Function.prototype[name]
        Object.defineProperty(Function.prototype, name, {
          value: probe.spy('Function.prototype', function (...args) { return Reflect.apply(own, this, args) }),
        })
      }
      function receive(...args) { probe.check('args', args); return args }
      Promise.resolve({ e: new Error('x') }).then((value) => value)`,
    call: 'receive',
    ends: 'any',
  },
  {
    name: 'the prototype of the global object, a proxy',
    advisory: 'vm2 GHSA-2cm2-m3w5-gp2f',
    script: `
      probe.outcome('set', () => Object.setPrototypeOf(globalThis, probe.proxy('scope', Object.prototype)))
      probe.outcome('missing', () => eval('notDefinedAnywhere'))
      probe.outcome('typeof', () => eval('typeof alsoNot'))
      ${rich}`,
    call: 'missing',
    ends: 'any',
  },
  {
    name: 'Symbol.unscopables and scopes of with',
    advisory: 'n8n GHSA-5xrp-6693-jjx9 (CVE-2026-1470)',
    script: `
      const scope = probe.proxy('scope', { x: 1, [Symbol.unscopables]: probe.proxy('un', { x: true }) })
      with (scope) { probe.outcome('x', () => x); probe.outcome('eval', () => eval('typeof y')) }
      Object.prototype[Symbol.unscopables] = probe.proxy('inherited', {})
      with ({}) probe.outcome('y', () => typeof y)
      scope`,
  },
  {
    name: 'prototypes laundered through an array',
    advisory: 'SandboxJS GHSA-ww7g-4gwx-m7wj (CVE-2026-25881)',
    script: `
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        for (let o = [globalThis[name]][0], i = 0; o && typeof o !== 'string' && i < 9; i++) {
          if (o === Object.prototype || o === null) break
          const next = Object.getPrototypeOf(o)
          if (next === null) { try { o.polluted = true } catch {} }
          o = next
        }
      }`,
  },
  {
    name: 'prototypes of the host, polluted by way of a function',
    advisory: 'happy-dom GHSA-qpm2-6cq5-7pq5 (CVE-2025-62410)',
    script: `
      const host = globalThis.console?.constructor ?? Object
      try { host.prototype.polluted = true } catch {}
      try { Object.getPrototypeOf(Object.getPrototypeOf(setTimeout)).polluted = true } catch {}
      delete Object.prototype.polluted
      probe.walk('host', host)`,
  },
  ...replaceable.map(infested),
]
