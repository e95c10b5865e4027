import assert from 'node:assert/strict'
import test from 'node:test'
import { VmScriptError } from 'vmring'
import { rejectsWith } from './support/rejects.js'
import { withContext } from './support/service.js'

test('a path leads to a function, with the object before it as its this', () =>
  withContext(async (context) => {
    await context.eval(`
      var a = { b: { name: 'b', 'c d'() { return this.name }, list: [null, (x) => x * 2] } }
      var \u00e9t\u00e9 = { $_1: () => 'summer' }
    `)
    assert.equal(await context.call("a.b['c d']"), 'b')
    assert.equal(await context.call('a["b"]["c d"]'), 'b')
    assert.equal(await context.call('a.b.list[1]', [21]), 42)
    assert.equal(await context.call('\u00e9t\u00e9.$_1'), 'summer')
    assert.equal(await context.call('Math.max', [1, 7, 3], { timeout: 1000 }), 7)
    assert.equal(await context.call('globalThis.Math.min', [1, 7, 3]), 1)
  }))

test('a name finds what let, const and class made, which no global object has', () =>
  withContext(async (context) => {
    await context.eval(`
      const twice = (x) => x * 2
      let thrice = (x) => x * 3
      class Shape { static sides(n) { return n } }
    `)
    assert.equal(await context.call('twice', [2]), 4)
    assert.equal(await context.call('thrice', [2]), 6)
    assert.equal(await context.call('Shape.sides', [5]), 5)
  }))

test('a name is looked up again at each call', () =>
  withContext(async (context) => {
    await context.eval('let f = () => 1; var g = { h: () => 1 }')
    assert.deepEqual([await context.call('f'), await context.call('g.h')], [1, 1])
    await context.eval('f = () => 2; g = { h: () => 2 }')
    assert.deepEqual([await context.call('f'), await context.call('g.h')], [2, 2])
    await context.reset()
    await rejectsWith(context.call('f'), VmScriptError, { scriptName: 'ReferenceError' })
  }))

test('what is no function is a TypeError that says so', () =>
  withContext(async (context) => {
    await context.eval('var n = { five: 5 }')
    await rejectsWith(context.call('n.five'), VmScriptError, {
      message: 'TypeError: n.five is not a function',
    })
    await rejectsWith(context.call('n.six.seven'), VmScriptError, { scriptName: 'TypeError' })
    await rejectsWith(context.call('n'), VmScriptError, { scriptName: 'TypeError' })
    // A reserved word names nothing, and is no way to run code.
    await rejectsWith(context.call('if'), VmScriptError)
  }))

test('more arguments than a primitive call spreads arrive all the same', () =>
  withContext(async (context) => {
    await context.eval('function count() { return [arguments.length, arguments[99]] }')
    const args = Array.from({ length: 100 }, (_, i) => i)
    assert.deepEqual(await context.call('count', args), [100, 99])
    assert.deepEqual(await context.call('count', []), [0, undefined])
  }))

test('a missing trailing argument and an explicit undefined are told apart', () =>
  withContext(async (context) => {
    await context.eval('function count(...args) { return args.length }')
    assert.equal(await context.call('count', [1]), 1)
    assert.equal(await context.call('count', [1, undefined]), 2)
    assert.equal(await context.call('count', [{}, undefined]), 2)
  }))
