import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { syncFunction, VmOptionError, VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { withService } from '../support/service.js'
import { hosting, nextHeld } from './service.js'

describe('host calls', () => {
  it('are refused past their number at a time, and taken again below it', async () => {
    const functions = { hold: () => new Promise(() => {}), add: (a: number, b: number) => a + b }
    await withService({ functions, hostCalls: { maxPending: 3 } }, async (service) => {
      const context = await service.createContext()
      const source = `for (let i = 0; i < 2; i++) host.hold()
        Promise.allSettled([host.add(1, 2), host.add(3, 4)]).then((all) => all.map((r) => r.value ?? r.reason.message))`
      const refusal = 'host.add: more than 3 host calls at a time'
      assert.deepEqual(await context.eval(source), [3, refusal])
      assert.equal(await context.eval('host.add(5, 6)'), 11)
    })
  })

  it('may be a hundred thousand in a loop', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await context.eval(`async function many(times) {
      let sum = 0
      for (let i = 0; i < times; i += 100) {
        const hundred = await Promise.all(Array.from({ length: 100 }, (_, j) => host.add(i, j)))
        sum += hundred[99]
      }
      return sum
    }`)
    const times = 100_000
    const expected = Array.from({ length: times / 100 }, (_, i) => i * 100 + 99)
    const sum = expected.reduce((a, b) => a + b)
    assert.equal(await context.call('many', [times], { timeout: 60_000 }), sum)
  })

  it('that nobody waits for are refused, not piled up', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `let refused = 0
      for (let i = 0; i < 100_000; i++) host.add(i, 1).catch((e) => { if (e instanceof RangeError) refused++ }); 0`
    await context.eval(source)
    assert.equal(await context.eval('refused'), 99_900)
    assert.equal(await context.eval('host.add(1, 1)'), 2)
  })

  it('of one context leave those of another alone', async () => {
    const service = await hosting()
    await using busy = await service.createContext()
    await using other = await service.createContext()
    const call = busy.eval(
      'Promise.allSettled(Array.from({ length: 101 }, (_, i) => host.hold(i)))',
    )
    const holds = await Promise.all(Array.from({ length: 100 }, () => nextHeld()))
    assert.equal(await other.eval('host.add(1, 1)'), 2)
    for (const { release } of holds) release(0)
    const settled = (await call) as { status: string }[]
    assert.equal(settled.filter(({ status }) => status === 'rejected').length, 1)
  })
})

describe('options for host functions', () => {
  const fine = () => 1
  const bad: [string, object][] = [
    ['options.functions', { functions: [] }],
    ['options.functions', { functions: 'f' }],
    ['options.functions.f', { functions: { f: 1 } }],
    ['options.functions.a b', { functions: { 'a b': fine } }],
    ['options.functions.sync', { functions: { sync: fine } }],
    ['options.functions.then', { functions: Object.fromEntries([['then', fine]]) }],
    ['options.functions.constructor', { functions: { constructor: fine } }],
    ['options.hostCalls.timeout', { hostCalls: { timeout: 0 } }],
    ['options.hostCalls.maxPending', { hostCalls: { maxPending: 0 } }],
    ['options.hostCalls.maxCalls', { hostCalls: { maxCalls: 1 } }],
    ['options.console', { console: 'loud' }],
    ['options.timers', { timers: true }],
  ]
  for (const [option, options] of bad) {
    it(`are checked: ${option} of ${JSON.stringify(options)}`, async () => {
      const error = await rejection(VmService.start(options), VmOptionError)
      assert.equal(error.option, option)
    })
  }

  it('of syncFunction are checked', () => {
    assert.throws(() => syncFunction(1 as never), VmOptionError)
    for (const timeout of [0, -1, Number.NaN, '5']) {
      assert.throws(() => syncFunction(fine, { timeout: timeout as number }), VmOptionError)
    }
    assert.throws(() => syncFunction(fine, { wait: 5 } as never), VmOptionError)
    assert.equal(syncFunction(fine, { timeout: Number.POSITIVE_INFINITY }).fn, fine)
  })

  it('of a context name none of the functions of its service', async () => {
    const service = await hosting()
    const error = await rejection(
      service.createContext({ functions: { add: fine } }),
      VmOptionError,
    )
    assert.equal(error.option, 'options.functions.add')
  })
})
