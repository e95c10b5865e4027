import assert from 'node:assert/strict'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { runInThisContext } from 'node:vm'
import { CONSOLE_LEVELS } from '../../src/worker/realm/console/levels.js'
import { createConsoleRealm } from './realm.js'

const { debug, info, warn, error } = CONSOLE_LEVELS

test('each method has its level', () => {
  const realm = createConsoleRealm()
  realm.run(`
    console.debug(1); console.log(2); console.info(3); console.warn(4); console.error(5)
    console.dir(6); console.dirxml(7, 8); console.assert(false); console.count(); console.table(9)
  `)
  assert.deepEqual(realm.levels, [debug, info, info, warn, error, info, info, error, info, info])
  assert.equal(realm.lines.join('|'), '1|2|3|4|5|6|7 8|Assertion failed|default: 1|9')
})

test('methods are like built-ins: named, without prototype, and free of their object', () => {
  const realm = createConsoleRealm()
  const odd = realm.run(`
    const { log } = console
    log('free')
    Object.entries(console)
      .filter(([name, f]) => f.name !== name || 'prototype' in f || Object.keys(f).length > 0)
      .join()
  `)
  assert.equal(odd, '')
  assert.equal(realm.run('Object.keys(console).length'), 20)
  assert.equal(realm.run('String(console)'), '[object console]')
  assert.deepEqual(realm.lines, ['free'])
})

test('assert tells only of what is false', () => {
  const realm = createConsoleRealm()
  realm.run(
    `console.assert(true, 'no'); console.assert(0, 'x is %d', 5); console.assert(null, { a: 1 })`,
  )
  assert.deepEqual(realm.lines, ['Assertion failed: x is 5', 'Assertion failed: { a: 1 }'])
})

test('trace shows where the script is, and no frame of the console', () => {
  const realm = createConsoleRealm()
  realm.run(`function outer() { console.trace('at %d', 1) }; outer(); console.trace()`)
  const [first = '', second = ''] = realm.lines
  assert.match(first, /^Trace: at 1\n {4}at outer \(evalmachine/)
  assert.match(second, /^Trace\n {4}at evalmachine/)
})

test('dir takes a depth, up to one that ends', () => {
  const realm = createConsoleRealm()
  realm.run(`
    const deep = { a: { b: { c: { d: { e: 1 } } } } }
    console.dir(deep)
    console.dir(deep, { depth: 0 })
    console.dir(deep, { depth: null })
    let endless = {}
    for (let i = 0; i < 100_000; i++) endless = { endless }
    console.dir(endless, { depth: Infinity })
    console.dir(deep, { get depth() { throw 1 } })
  `)
  assert.match(realm.lines[0] as string, /c: \[Object\]/)
  assert.equal(realm.lines[1], '{ a: [Object] }')
  assert.match(realm.lines[2] as string, /e: 1/)
  assert.match(realm.lines[3] as string, /\[Object\]/)
  assert.equal(realm.lines[4], realm.lines[0])
})

test('groups indent every line, so far', () => {
  const realm = createConsoleRealm()
  realm.run(`
    console.group('a', 1)
    console.log('x\\ny')
    console.groupCollapsed()
    console.log('z')
    console.groupEnd(); console.groupEnd(); console.groupEnd()
    console.log('out')
    for (let i = 0; i < 1000; i++) console.group()
    console.log('deep')
  `)
  assert.deepEqual(realm.lines, ['a 1', '  x\n  y', '    z', 'out', `${' '.repeat(40)}deep`])
})

test('counts and times have names', () => {
  let time = 1000
  const realm = createConsoleRealm({}, undefined, () => time)
  realm.run(
    `console.count(); console.count('x'); console.count(); console.countReset(); console.count()`,
  )
  assert.deepEqual(realm.lines.splice(0), ['default: 1', 'x: 1', 'default: 2', 'default: 1'])
  realm.run(`console.countReset('y'); console.time('t'); console.time('t')`)
  assert.deepEqual(realm.levels.slice(-2), [warn, warn])
  assert.deepEqual(realm.lines.splice(0), [
    "Count for 'y' does not exist",
    "Label 't' already exists for console.time()",
  ])
  for (const passed of [1.5, 2345.6, 62_000, 3_723_004]) {
    time = 1000 + passed
    realm.run(`console.timeLog('t', { a: 1 }, '%s')`)
  }
  realm.run(`console.timeEnd('t'); console.timeEnd('t')`)
  assert.deepEqual(realm.lines, [
    't: 1.5ms { a: 1 } %s',
    't: 2.346s { a: 1 } %s',
    't: 1:02.000 (m:ss.mmm) { a: 1 } %s',
    't: 1:02:03.004 (h:mm:ss.mmm) { a: 1 } %s',
    't: 1:02:03.004 (h:mm:ss.mmm)',
    "No such label 't' for console.timeEnd()",
  ])
})

test('a clock that fails tells no time', () => {
  const realm = createConsoleRealm({}, undefined, () => {
    throw new Error('no clock')
  })
  realm.run(`console.time(); console.timeEnd()`)
  assert.deepEqual(realm.lines, ['default: 0ms'])
})

const tables = [
  `[{ a: 1, bb: 'x' }, { a: [1, 2] }, 5]`,
  `[[1, 2], [3, 4]]`,
  `{ x: { a: 1 }, y: { b: { c: 1, d: 2, e: 3 } } }`,
  `new Map([['k', 1], ['l', { a: 1 }]])`,
  `new Set([1, 'b'])`,
  `[]`,
  `[1, 'x', null, undefined]`,
  `[{ a: 1, b: 2 }, { a: 3, b: 4 }], ['b']`,
  `[{ '(index)': 1, Values: 2 }]`,
  `5`,
]

/** Node 20 puts what is in a cell in the middle of it. */
const whereverItIs = (text: string): string =>
  process.versions.node.startsWith('20.') ? text.replace(/ +/g, ' ') : text

test("tables are Node's", () => {
  const realm = createConsoleRealm()
  for (const args of tables) {
    let text = ''
    const stdout = new Writable({
      write(chunk, _encoding, done) {
        text += chunk
        done()
      },
    })
    const [data, columns] = runInThisContext(`[${args}]`) as [unknown, string[]]
    new Console({ stdout }).table(data, columns)
    realm.lines.length = 0
    realm.run(`console.table(${args})`)
    assert.equal(whereverItIs(`${realm.lines.join('')}\n`), whereverItIs(text), args)
  }
})

test('tables of anything end', () => {
  const realm = createConsoleRealm({ maxLine: 20_000 })
  realm.run(`
    console.table(Array.from({ length: 100_000 }, (_, i) => ({ i })))
    console.table([Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i, i]))])
    console.table(['x'.repeat(1e6), new Error('a\\nb'), { get a() { throw 1 } }])
    console.table(new Array(2 ** 32 - 1))
    console.table(new Proxy([], { get() { throw 1 } }))
  `)
  assert.equal(realm.lines.length, 5)
  for (const line of realm.lines) assert.ok(line.length <= 20_000)
})
