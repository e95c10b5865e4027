import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VmScriptError, VmSerializationError, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { withContext } from '../support/service.js'

const TYPES = `['FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly']
  .filter((name) => name in globalThis)`

/** `(module (func (export "add") (param i32 i32) (result i32) …) (func (export "loop") (loop br 0)))` */
const MODULE = `new WebAssembly.Module(new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 10, 2, 96, 2, 127, 127, 1, 127, 96, 0, 0, 3, 3, 2, 0, 1,
  7, 14, 2, 3, 97, 100, 100, 0, 0, 4, 108, 111, 111, 112, 0, 1,
  10, 17, 2, 7, 0, 32, 0, 32, 1, 106, 11, 7, 0, 3, 64, 12, 0, 11, 11,
]))`

describe('a context', () => {
  it('has its own eval and functions made of strings, and lacks what runs outside of turns', () =>
    withContext(async (context) => {
      assert.deepEqual(await context.eval(TYPES), [])
      assert.equal(await context.eval(`eval('1 + 1') + new Function('return 2')()`), 4)
    }))

  it('has shared memory without what waits, where that is asked for', () =>
    withContext(
      async (context) => {
        assert.deepEqual(await context.eval(TYPES), ['SharedArrayBuffer', 'Atomics'])
        const source = `const cells = new Int32Array(new SharedArrayBuffer(8))
          Atomics.add(cells, 0, 5); [Atomics.load(cells, 0), typeof Atomics.wait, typeof Atomics.waitAsync]`
        assert.deepEqual(await context.eval(source), [5, 'undefined', 'undefined'])
        await rejection(context.eval('new SharedArrayBuffer(8)'), VmSerializationError)
      },
      { features: { sharedMemory: true } },
    ))

  it('has WebAssembly without what is asynchronous, where that is asked for', () =>
    withContext(
      async (context) => {
        assert.deepEqual(await context.eval(TYPES), ['WebAssembly'])
        const names = `['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming', 'JSTag']
          .filter((name) => name in WebAssembly)`
        assert.deepEqual(await context.eval(names), [])
        await context.eval(`const { exports } = new WebAssembly.Instance(${MODULE})`)
        assert.equal(await context.eval('exports.add(2, 3)'), 5)
        const error = await rejection(
          context.eval('exports.loop()', { timeout: 50 }),
          VmTimeoutError,
        )
        assert.equal(error.contextSurvived, true)
        assert.equal(await context.eval('exports.add(20, 3)'), 23)
      },
      { features: { webAssembly: true } },
    ))

  it('makes no code of strings where that is forbidden, and is called all the same', () =>
    withContext(
      async (context) => {
        const makers = [
          `eval('1')`,
          `new Function('return 1')`,
          `(async () => {}).constructor('1')`,
        ]
        for (const maker of makers) {
          const error = await rejection(context.eval(maker), VmScriptError)
          assert.equal(error.scriptName, 'EvalError')
        }
        await context.eval('function sum(a, b) { return a + b }; var tools = { sum }')
        assert.equal(await context.call('sum', [1, 2]), 3)
        assert.equal(await context.call('tools.sum', [1, 3]), 4)
        assert.equal(await context.call('Math.max', [1, 7]), 7)
        assert.deepEqual(await context.call('Array.of', [{ a: [1] }]), [{ a: [1] }])
      },
      { features: { codeGeneration: false } },
    ))
})
