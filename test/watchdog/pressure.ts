import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { type VmContext, VmInvalidContextError, VmMemoryError, type VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { serviceForAll, withService } from '../support/service.js'
import { pidOf } from '../support/slots.js'
import { admission, failure, residentMemory, within } from './support.js'

const MIB = 1024 * 1024

describe('a process under pressure', () => {
  const LIMIT = 160 * MIB
  // What bombs have left in a process would count, too.
  const smallService = serviceForAll({ memoryLimit: LIMIT, timeout: 30_000 })
  const HOG = `const held = []
    function hold(mib) { for (let i = 0; i < mib; i++) held.push(new Uint8Array(${MIB}).fill(1)) }`
  /** Fills the process, without garbage, past four fifths of its limit, until it takes no context. */
  async function fill(service: VmService, key = 'any'): Promise<VmContext> {
    const hog = await service.createContext({ key, init: [{ source: HOG }] })
    const { slot } = hog
    const pid = service.stats().slots.find(({ name }) => name === slot)?.pid
    assert.ok(pid)
    await hog.call('hold', [Math.round((LIMIT * 0.9 - residentMemory(pid)) / MIB)])
    await within(
      30_000,
      async () => (await admission(service, key)) instanceof VmMemoryError,
      () => 'contexts are taken all the same',
    )
    return hog
  }

  it('takes no new context, but serves those it has, until what fills it is destroyed', async () => {
    const service = await smallService()
    const hog = await fill(service)
    const error = await rejection(service.createContext({ key: 'another' }), VmMemoryError)
    assert.equal(error.limit, LIMIT)
    assert.ok((await hog.eval<number>('held.length')) > 0)
    assert.equal(service.stats().contexts, 1)
    await hog.destroy()
    // Collections were in vain while it lived, but are not put off any longer for that.
    await within(
      3500,
      async () => (await admission(service)) === undefined,
      () => 'no context is taken any more',
    )
  })

  it('has garbage collected though nobody calls, and it was a moment ago', async () => {
    await withService({ memoryLimit: LIMIT, timeout: 30_000 }, async (service) => {
      const hold = async (mib: number): Promise<VmContext> => {
        const context = await service.createContext()
        await context.eval(`const held = new Uint8Array(${mib * MIB}).fill(1)`)
        return context
      }
      await using _kept = await hold(40)
      // Under 32 MiB the C library would keep what is freed. The two are too much; the second alone is less than what V8 itself collects for.
      const hog = await hold(40)
      await within(
        10_000,
        async () => (await admission(service)) instanceof VmMemoryError,
        () => 'contexts are taken all the same',
      )
      await hog.destroy()
      await within(
        10_000,
        async () => (await admission(service)) === undefined,
        () => 'no context is taken any more',
      )
      const late = await hold(40)
      await late.destroy()
      // No call from here on. V8 itself does something about idle processes, but later.
      const resident = () => residentMemory(pidOf(service))
      await within(
        5000,
        () => resident() < LIMIT * 0.8,
        () => `${Math.round(resident() / MIB)} MiB are left`,
      )
    })
  })

  it('keeps a context it has no memory for from another process', async () => {
    const options = { processes: 2, memoryLimit: LIMIT, timeout: 30_000 }
    await withService(options, async (service) => {
      const hog = await fill(service, 'hog')
      // The service chooses where contexts without a key live.
      const contexts = await Promise.all(Array.from({ length: 20 }, () => service.createContext()))
      const slots = new Set(contexts.map(({ slot }) => slot))
      assert.equal(slots.size, 1)
      assert.ok(!slots.has(hog.slot))
    })
  })

  it('is reported with what its context held when that is past the limit between turns', async () => {
    const service = await smallService()
    const collected = once(service, 'contextCollected')
    const context = await service.createContext({ init: [{ source: HOG }] })
    const pending = context.eval('new Promise(() => {})', { timeout: Infinity })
    const hoard = context.call('hold', [LIMIT / MIB])
    const error = await failure(hoard)
    assert.ok(error instanceof VmMemoryError, String(error))
    assert.equal((await rejection(pending, VmInvalidContextError)).reason, 'memory')
    assert.deepEqual(await collected, [{ id: context.id, reason: 'memory' }])
  })
})
