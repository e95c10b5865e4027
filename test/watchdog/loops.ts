import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type VmService, VmTimeoutError } from 'vmring'
import { LOOPS } from '../../benchmarks/support/loops.js'
import { rejection } from '../support/outcomes.js'
import { anyService } from '../support/service.js'
import { record } from '../support/slots.js'
import { IMPORTED, witness } from './support.js'

const TIMES = 2
const TIMEOUT = 30

const ALSO: Readonly<Record<string, string>> = {
  'getter of a thrown object': 'throw { get endless() { for (;;); } }',
  'getter of a thrown error':
    'throw Object.defineProperty(new Error(), "message", { get() { for (;;); } })',
  'getter of an error in a rejection':
    'Promise.reject(Object.defineProperty(new Error(), "stack", { get() { for (;;); } }))',
  'then getter': '({ get then() { for (;;); } })',
  'then function': '({ then() { for (;;); } })',
  'getter in an asynchronous result':
    '(async () => { await null; return { get endless() { for (;;); } } })()',
  'loop after an import()': `(async () => { await ${IMPORTED}; for (;;); })()`,
  'promise that never settles': 'new Promise(() => {})',
  'iterator without end': '[...{ *[Symbol.iterator]() { for (;;) { yield* [] } } }]',
}

describe('an endless script', () => {
  let service: VmService
  let exits: unknown[]
  before(async () => {
    service = await anyService()
    exits = record(service, 'processExit')
  })

  for (const [name, source] of Object.entries({ ...LOOPS, ...ALSO })) {
    it(`is ended, and nothing else: ${name}`, async () => {
      const culprit = await witness(service, name)
      const neighbour = await witness(service, 'beside it')
      for (let i = 0; i < TIMES; i++) {
        const error = await rejection(
          culprit.context.eval(source, { timeout: TIMEOUT }),
          VmTimeoutError,
        )
        assert.deepEqual(
          [error.phase, error.timeout, error.contextSurvived],
          ['run', TIMEOUT, true],
          error.message,
        )
        await culprit.check()
        await neighbour.check()
      }
      await culprit.context.destroy()
      await neighbour.context.destroy()
      assert.deepEqual(exits, [])
    })
  }

  it('is ended also where it is called rather than evaluated', async () => {
    const context = await service.createContext({
      init: [{ source: 'let calls = 0; function spin(n) { calls++; for (;;); }' }],
    })
    // Time to begin, on a busy machine too.
    const error = await rejection(context.call('spin', [1], { timeout: 300 }), VmTimeoutError)
    assert.equal(error.contextSurvived, true)
    assert.equal(await context.eval('calls'), 1)
  })

  it('in a start-up source leaves no context behind', async () => {
    const before = service.stats().contexts
    const init = [{ source: 'for (;;);' }]
    await rejection(service.createContext({ init, timeout: 50 }), VmTimeoutError)
    assert.equal(service.stats().contexts, before)
    assert.deepEqual(exits, [])
  })
})
