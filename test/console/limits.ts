import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSOLE_LEVELS } from '../../src/worker/realm/console/levels.js'
import { createConsoleRealm } from './realm.js'

/** What gets through in a turn. */

test('a long string is cut, with what is left out', () => {
  const realm = createConsoleRealm({ maxLine: 100 })
  const text = realm.log(`'x'.repeat(1000)`)
  assert.equal(text, `${'x'.repeat(78)}… 922 more characters`)
  assert.equal(realm.log(`'x'.repeat(100)`), 'x'.repeat(100))
})

test('one that only its parts are there of is not looked at', () => {
  const realm = createConsoleRealm({ maxLine: 100 })
  assert.equal(realm.log(`'x'.repeat(2 ** 29 - 24)`), '… 536870888 more characters')
  assert.equal(realm.log(`['x'.repeat(2 ** 29 - 24)]`), "[ ''... 536870888 more characters ]")
})

test('no character is cut in two', () => {
  const realm = createConsoleRealm({ maxLine: 100 })
  const text = realm.log(`'x' + '\\u{1F600}'.repeat(100)`)
  assert.ok((text as string & { isWellFormed(): boolean }).isWellFormed())
})

test('of what is never looked at it is not said how much there is', () => {
  const realm = createConsoleRealm({ maxLine: 100 })
  assert.match(
    realm.log(`Array.from({ length: 50 }, () => 'text'), 1, 2`),
    /^\[\n[\s\S]{1,100}… and more$/,
  )
})

test('no text is longer than a line may be, whatever the limit', () => {
  for (const maxLine of [0, 1, 10, 36, 37, 50, 1000]) {
    const realm = createConsoleRealm({ maxLine })
    for (const args of [
      `'x'.repeat(5000)`,
      `{ a: 'y'.repeat(5000) }, 1`,
      `'%s', 'z'.repeat(5000)`,
    ]) {
      assert.ok(realm.log(args).length <= maxLine)
    }
    realm.run(`console.group(); console.log('\\n'.repeat(5000)); console.trace('x'.repeat(5000))`)
    for (const line of realm.lines) assert.ok(line.length <= maxLine)
  }
})

test('so many calls in a turn get through; the rest are counted, and cost no formatting', () => {
  const realm = createConsoleRealm({ maxLines: 3 })
  realm.run(`
    let asked = 0
    const counting = { toString() { asked++; return 'x' } }
    for (let i = 0; i < 10; i++) console.log('%s', counting)
  `)
  assert.deepEqual(realm.lines, ['x', 'x', 'x'])
  assert.equal(realm.run('asked'), 3)
  realm.refill()
  assert.equal(realm.lines[3], '… and 7 more lines')
  assert.equal(realm.levels[3], CONSOLE_LEVELS.warn)
  realm.refill()
  realm.run(`for (let i = 0; i < 4; i++) console.log('%s', counting)`)
  realm.refill()
  assert.deepEqual(realm.lines.slice(4), ['x', 'x', 'x', '… and 1 more line'])
})

test('so many characters in a turn get through', () => {
  const realm = createConsoleRealm({ maxText: 250, maxLine: 100 })
  realm.run(`for (let i = 0; i < 5; i++) console.log('y'.repeat(90))`)
  assert.deepEqual(
    realm.lines.map((line) => line.length),
    [90, 90, 70],
  )
  realm.refill()
  assert.equal(realm.lines[3], '… and 2 more lines')
})

test('counts, timers and groups go on while nothing gets through', () => {
  const realm = createConsoleRealm({ maxLines: 1 })
  realm.run(`console.count(); console.count(); console.group('g'); console.count()`)
  realm.refill()
  realm.run(`console.count()`)
  assert.deepEqual(realm.lines, ['default: 1', '… and 3 more lines', '  default: 4'])
})

test('calls that are cut short leave the console whole', () => {
  const realm = createConsoleRealm()
  for (let i = 0; i < 10; i++) {
    const endless = `console.log('%s', { toString() { for (;;); } })`
    assert.throws(() => realm.run(endless, { timeout: 5 }), {
      code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
    })
    realm.refill()
  }
  realm.run(`console.log('still here')`)
  assert.deepEqual(realm.lines, ['still here'])
})

test('what a conversion says goes first, and conversions that never end do', () => {
  const realm = createConsoleRealm()
  realm.run(`
    const chatty = { toString() { console.log('%s', chatty); return 'x' } }
    console.log('%s', chatty)
  `)
  assert.deepEqual(realm.lines, Array(8).fill('x'))
  realm.refill()
  assert.equal(realm.lines.at(-1), '… and 1 more line')
})

test("an emit that throws is none of the script's business", () => {
  const realm = createConsoleRealm({}, () => {
    throw new Error('of the host')
  })
  assert.equal(
    realm.run(`let caught; try { console.log(1) } catch (e) { caught = e } caught`),
    undefined,
  )
})
