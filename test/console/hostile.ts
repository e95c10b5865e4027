import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConsoleRealm, createConsoleRealm } from './realm.js'

/** Values that throw, never end or are huge. Bounds are counted, never timed. */

const MOST = 16_384

function hostile(): ConsoleRealm {
  return createConsoleRealm({ maxLine: MOST })
}

/** Proxies that count what they are asked. */
const counting = `
  let asked = 0
  const countingProxy = (target, more) => new Proxy(target, new Proxy(more ?? {}, {
    get(own, name) { return (...args) => { asked++; return (own[name] ?? Reflect[name])(...args) } }
  }))
`

test("what throws when it is looked at is shown as what can't be read", () => {
  const realm = hostile()
  realm.run(`
    const fail = () => { throw { toString: fail } }
    const every = new Proxy({}, new Proxy({}, { get: () => fail }))
    const { proxy: revoked, revoke } = Proxy.revocable({}, {})
    revoke()
    const { proxy: revokedFunction, revoke: revokeFunction } = Proxy.revocable(() => {}, {})
    revokeFunction()
  `)
  assert.equal(realm.log('every'), '[unreadable]')
  assert.equal(realm.log('revoked, revokedFunction'), '[unreadable] [unreadable]')
  assert.equal(
    realm.log('{ a: 1, every, b: [revoked] }'),
    '{ a: 1, every: [unreadable], b: [ [unreadable] ] }',
  )
  assert.equal(realm.log('new Map([[every, every]])'), 'Map(1) { [unreadable] => [unreadable] }')
  for (const directive of ['s', 'd', 'i', 'f', 'j', 'o', 'O']) {
    assert.equal(realm.log(`'%${directive}', every`), '[unreadable]')
  }
  assert.equal(realm.log(`'%s', { toString: fail }`), '[unreadable]')
  assert.equal(realm.log(`'%s', { [Symbol.toPrimitive]: fail }`), '[unreadable]')
  assert.equal(realm.log(`'%d', { valueOf: fail }`), '[unreadable]')
  assert.equal(realm.log(`'%j', { toJSON: fail }`), '[unreadable]')
  assert.equal(realm.log(`'%s', { get toString() { fail() } }`), '[unreadable]')
  assert.equal(
    realm.log(`{ get [Symbol.toStringTag]() { fail() }, a: 1 }`),
    '{ a: 1, Symbol(Symbol.toStringTag): [Getter] }',
  )
  assert.equal(realm.log(`new (class A { get [Symbol.toStringTag]() { fail() } })()`), 'A {}')
  realm.lines.length = 0
  realm.run(`
    for (const method of Object.values(console)) {
      method(every, every)
      method({ toString: fail, get depth() { fail() } }, every)
      method(Symbol(), revoked)
    }
  `)
})

test('errors whose words throw are errors still', () => {
  const realm = hostile()
  realm.run(`
    const fail = () => { throw 1 }
    const odd = (name, get) => Object.defineProperty(new Error('m'), name, { get })
  `)
  assert.match(realm.log(`odd('stack', fail)`), /^\[Error: m\]$/)
  assert.match(realm.log(`odd('name', fail)`), /Error: m/)
  assert.match(realm.log(`odd('message', fail)`), /Error/)
  assert.match(realm.log(`odd('cause', fail)`), /\[cause\]: \[Getter\]/)
  assert.match(realm.log(`odd('stack', () => ({}))`), /^\[Error: m\]$/)
  assert.match(realm.log(`odd('stack', () => 'x'.repeat(2 ** 29 - 24))`), /^\[Error: m\]$/)
  assert.match(
    realm.log(`Object.assign(new Error('m'), { message: 'x'.repeat(2 ** 28) })`),
    /^\[?Error: (m\n|\.\.\. 268435456 more)/,
  )
  assert.match(
    realm.log(`Object.assign(new Error('m'), { name: 'x'.repeat(2 ** 28) })`),
    /^(Error: m\n|\[\.\.\. 268435456 more)/,
  )
  assert.match(realm.log(`Object.setPrototypeOf(new Error('m'), null)`), /null prototype/)
})

test('huge values are shown in part, and little of them is looked at', () => {
  const realm = hostile()
  realm.run(counting)
  assert.match(
    realm.log('new Array(2 ** 32 - 1)'),
    /^\[ <10000 empty items>, \.\.\. 4294957295 more items \]$/,
  )
  assert.match(realm.log('new Uint8Array(2 ** 26)'), /\.\.\. 67108764 more items\n\]$/)
  assert.match(realm.log('[new ArrayBuffer(2 ** 26)]'), /67108764 more bytes/)
  assert.match(
    realm.log('new Map(Array.from({ length: 200_000 }, (_, i) => [i, i]))'),
    /199900 more items/,
  )
  assert.match(
    realm.log('new Set(Array.from({ length: 200_000 }, (_, i) => i))'),
    /199900 more items/,
  )
  assert.match(realm.log('Array.from({ length: 1_000_000 }, (_, i) => i)'), /999900 more items/)
  assert.match(realm.log(`new String('x'.repeat(2 ** 29 - 24))`), /more characters/)
  assert.match(
    realm.log(`new Error('x'.repeat(2 ** 27))`),
    /… 134\d+ more characters|more characters/,
  )
  assert.match(realm.log(`Symbol('x'.repeat(2 ** 27))`), /more characters/)
  assert.match(
    realm.log(`1n << 1_000_000n, [1n << 1_000_000n]`),
    /^\[a bigint of more than 16384 bits\] \[/,
  )
  assert.match(
    realm.log(`Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => ['k' + i, i]))`),
    /and more$/,
  )
  assert.equal(realm.log(`'%j', 'x'.repeat(2 ** 20)`), '[too large]')
  assert.match(realm.log(`'%j', new Array(2 ** 32 - 1)`), /^\[(unreadable|too large)\]$/)
  assert.equal(realm.log(`'%j', new Array(1_000_000)`), '[too large]')
  assert.equal(realm.log(`'%j', [new Uint8Array(2 ** 26)]`), '[too large]')
  assert.equal(realm.log(`'%j', new String('x'.repeat(2 ** 29 - 24))`), '[too large]')
  realm.run(`console.table(new Uint8Array(2 ** 26)); console.table([new Uint8Array(2 ** 26)])`)
  realm.run(`console.table(new String('x'.repeat(2 ** 29 - 24)))`)
  assert.match(realm.log(`'%s'.repeat(2 ** 27), 1`), /^… and more$/)
  assert.match(realm.log(`'%i', '1'.repeat(2 ** 27)`), /^NaN$/)
  assert.match(realm.log(`...Array.from({ length: 50_000 }, () => [1, 2])`), /and more$/)

  realm.log('countingProxy([], { get: (t, k) => (k === "length" ? 2 ** 32 - 1 : 1) })')
  assert.ok((realm.run('asked') as number) < 25_000)
  realm.run('asked = 0')
  realm.log('countingProxy({}, { getPrototypeOf: () => countingProxy({}) })')
  assert.ok((realm.run('asked') as number) < 1000)
})

test('prototypes without end are given up', () => {
  const realm = hostile()
  realm.run(`
    let asked = 0
    const next = () => new Proxy({}, { getPrototypeOf() { asked++; return next() } })
  `)
  realm.log('next()')
  assert.ok((realm.run('asked') as number) < 300)
})

test('what makes new values as it is looked at ends with its budget', () => {
  const realm = hostile()
  realm.run(`
    let asked = 0
    const next = () => new Proxy([], {
      get: (t, k) => (k === 'length' ? 1e9 : undefined),
      getOwnPropertyDescriptor(t, k) {
        asked++
        return k === 'length' ? Reflect.getOwnPropertyDescriptor(t, k) : { value: next(), configurable: true, enumerable: true }
      },
    })
  `)
  realm.log('next()')
  assert.ok((realm.run('asked') as number) < 100_000)
  realm.run('asked = 0')
  realm.run('console.dir(next(), { depth: Infinity })')
  assert.ok((realm.run('asked') as number) < 100_000)
})

test('holes within holes have one bound together', () => {
  const realm = hostile()
  realm.run(`
    let asked = 0
    const holes = () => new Proxy(new Array(9999), { getOwnPropertyDescriptor(t, k) { asked++; return Reflect.getOwnPropertyDescriptor(t, k) } })
    const all = Array.from({ length: 50 }, () => Array.from({ length: 50 }, holes))
  `)
  realm.log('all')
  assert.ok((realm.run('asked') as number) < 150_000)
})

test('depth has a limit, however deep it goes', () => {
  const realm = hostile()
  realm.run(`
    let object = {}, array = [], cause = new Error('first')
    for (let i = 0; i < 100_000; i++) {
      object = { object }
      array = [array]
      cause = new Error('next', { cause })
    }
  `)
  assert.equal(realm.log('object'), '{ object: { object: { object: [Object] } } }')
  assert.equal(realm.log('array'), '[ [ [ [Array] ] ] ]')
  assert.match(realm.log('cause'), /\[cause\]: \[Error\]/)
  assert.match(realm.log(`'%j', object`), /^\[(unreadable|too large)\]$/)
  assert.match(realm.log(`'%o', object`), /\[Object\]/)
})

/** Leaves no built-in as it was; what it needs itself it has taken before. */
const ruin = `
  const { ownKeys, getOwnPropertyDescriptor, defineProperty, getPrototypeOf } = Reflect
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'
  const found = new Set()
  for (const name of ownKeys(globalThis)) if (name !== 'console') found.add(globalThis[name])
  found.add(getPrototypeOf(Uint8Array)).add(getPrototypeOf(new Map().entries()))
  found.add(getPrototypeOf(new Set().values())).add(getPrototypeOf([].values()))
  for (const object of found) {
    if (!isObject(object)) continue
    found.add(getPrototypeOf(object))
    for (const key of ownKeys(object)) found.add(getOwnPropertyDescriptor(object, key).value)
  }
  const own = [console, found, args, log]
  const objects = [...found].filter((value) => isObject(value) && !own.includes(value) && value !== globalThis)
  const keys = objects.map((object) => ownKeys(object))
  const traps = ['0', '1', 'get', 'set', 'value', 'depth', 'length', 'left', 'run', 'kind', 'next']
  const { prototype } = Object
  let spoiled = 0
  const fail = () => { throw 'spoiled' }
  for (let i = 0; i < objects.length; i++) {
    for (let j = 0; j < keys[i].length; j++) {
      const property = getOwnPropertyDescriptor(objects[i], keys[i][j])
      if (!property.configurable || keys[i][j] === 'constructor') continue
      if (typeof property.value === 'function') defineProperty(objects[i], keys[i][j], { value: fail })
      else if (property.get) defineProperty(objects[i], keys[i][j], { get: fail })
      else continue
      spoiled++
    }
  }
  for (let i = 0; i < traps.length; i++) {
    defineProperty(prototype, traps[i], { __proto__: null, get: fail, set: fail })
  }
`

test("built-ins that a script has changed don't matter", () => {
  const realm = hostile()
  realm.run(`
    const args = [1, 'a', [1, , { a: 'b"\\n' }], new Map([[1, 2]]), new Set([1]), new Date(0),
      new Uint8Array(3), Symbol('s'), 5n, class A {}, Array.from({ length: 30 }, (_, i) => i),
      new ArrayBuffer(2), Object('boxed'), { a: { b: { c: {} } } }]
    const { log } = console
    const call = () => log(args[0], args[1], args[2], args[3], args[4], args[5], args[6], args[7],
      args[8], args[9], args[10], args[11], args[12], args[13], /x/)
    call()
  `)
  realm.run(ruin)
  assert.ok((realm.run('spoiled') as number) > 400)
  realm.run('call()')
  const [before = '', after = ''] = realm.lines
  // A regular expression's flags are what its prototype says they are.
  assert.equal(after.replace('[unreadable]', '/x/'), before)
})

test("setters in the way of lists don't lose lines", () => {
  const realm = hostile()
  realm.run(`
    for (let i = 0; i < 20; i++) {
      Object.defineProperty(Array.prototype, i, { set() {}, get() { return 'trap' }, configurable: true })
    }
  `)
  assert.equal(
    realm.log('{ a: [1, 2], b: new Map([[1, 2]]) }'),
    '{ a: [ 1, 2 ], b: Map(1) { 1 => 2 } }',
  )
})
