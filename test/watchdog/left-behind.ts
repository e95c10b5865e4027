import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { type VmContext, VmError, type VmService } from 'vmring'
import { serviceForAll, withService } from '../support/service.js'
import { next, pidOf, record } from '../support/slots.js'
import { ABORT, admission, IMPORTED, residentMemory, within } from './support.js'

const MIB = 1024 * 1024
const LIMIT = 208 * MIB
/**
 * What one context holds; so many of them don't fit below four fifths of the limit, one does in the
 * last. Under 32 MiB the C library would keep what is freed.
 */
const HELD = 33
const TIMES = 4
const HOLD = `const held = new Uint8Array(${HELD * MIB}).fill(1)`

/** Contexts that are gone while something of theirs has yet to run. */
const LEAVERS: Readonly<Record<string, (service: VmService) => Promise<unknown>>> = {
  'a microtask of a turn that was cut short': async (service) => {
    const context = await service.createContext()
    await context.eval(HOLD)
    await leave(context, 'held')
    await context.destroy()
  },
  'a microtask of start-up sources that threw': (service) =>
    refused(init(service, `${HOLD}; Promise.resolve().then(() => held); throw 1`)),
  'a microtask of start-up sources that were cut short': (service) =>
    refused(init(service, `${HOLD}; Promise.resolve().then(() => held); for (;;);`)),
  'an import of start-up sources that threw': (service) =>
    refused(init(service, `${HOLD}; ${IMPORTED}.then(() => held); throw 1`)),
  'an import() and what came after it': async (service) => {
    const context = await service.createContext()
    await context.eval(`${HOLD}; ${IMPORTED}.then(() => held[0]++); 1`)
    await context.destroy()
  },
  'a promise that a call waited for': async (service) => {
    const context = await service.createContext()
    const gate = 'let open; const gate = new Promise((resolve) => { open = resolve })'
    const waiting = refused(context.eval(`${HOLD}; ${gate}; gate.then(() => held)`))
    // Served after it: it waits by then.
    await context.eval('held[0]++')
    await context.destroy()
    await waiting
  },
  'a chain of microtasks without an end': async (service) => {
    const context = await service.createContext()
    const chain = 'const step = () => { Promise.resolve(held).then(step) }'
    await context.eval(`${HOLD}; ${chain}`)
    await leave(context, 'step()')
    await context.destroy()
  },
}

/** Leaves a microtask in a context's queue. */
async function leave(context: VmContext, expression: string): Promise<void> {
  await refused(context.eval(`Promise.resolve().then(() => ${expression}); for (;;);`, SHORT))
}

const SHORT = { timeout: 100 }

async function init(service: VmService, source: string): Promise<VmContext> {
  return await service.createContext({ init: [{ source }], ...SHORT })
}

async function refused(promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, VmError)
}

describe('the memory of a context that is gone comes back, though it left', () => {
  const smallService = serviceForAll({ memoryLimit: LIMIT })
  for (const [name, leave] of Object.entries(LEAVERS)) {
    it(name, async () => {
      const service = await smallService()
      const exits = record(service, 'processExit')
      for (let i = 0; i < TIMES; i++) {
        await leave(service)
        // Garbage is collected when memory is short, and not before; the service is told afterwards.
        await within(
          10_000,
          async () =>
            residentMemory(pidOf(service)) < LIMIT * 0.8 &&
            (await admission(service)) === undefined,
          () => `${residentMemory(pidOf(service)) / MIB} MiB after ${i + 1} of them`,
        )
      }
      await using context = await service.createContext()
      assert.equal(await context.eval('1 + 1'), 2)
      assert.deepEqual(exits, [])
    })
  }
})

it('what a context leaves to run after its end is not put down to the next in line', async () => {
  await withService({ processes: 1 }, async (service) => {
    const neighbour = await service.createContext()
    const culprit = await service.createContext()
    await leave(culprit, ABORT)
    const lost = once(service, 'contextLost')
    const restarted = next(service, 'processStart')
    const destroyed = culprit.destroy()
    const answer = neighbour.eval('1').then(
      () => assert.fail('the process lives'),
      (error: unknown) => error as { code: string; role: string },
    )
    await destroyed
    const { code, role } = await answer
    assert.deepEqual([code, role], ['ERR_VM_PROCESS', 'collateral'])
    const [{ contexts }] = (await lost) as [{ contexts: unknown }]
    assert.deepEqual(contexts, [{ id: neighbour.id, role: 'collateral' }])
    await restarted
  })
})
