import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, it } from 'node:test'
import {
  type VmContext,
  VmInvalidContextError,
  VmMemoryError,
  VmProcessError,
  type VmService,
  type VmServiceEvents,
} from 'vmring'
import { rejection } from '../support/outcomes.js'
import { serviceForAll, startService } from '../support/service.js'
import { pidOf, record } from '../support/slots.js'
import { admission, failure, residentMemory, within, witness } from './support.js'

const MIB = 1024 * 1024
/** A process holds 60 to 77 MiB by itself, depending on Node. */
const LIMIT = 192 * MIB
/** What tenants hold in it: less than any bomb is worth when it goes off. */
const HELD = 40 * MIB
const smallService = serviceForAll({ memoryLimit: LIMIT, timeout: 30_000 })

/** What there may be after a bomb, as a share of what there was before: a fifth more. */
const REST = 1.2

const BOMBS: Readonly<Record<string, string>> = {
  arrays: 'const held = []; for (;;) held.push(new Array(1e4).fill(held.length))',
  'typed arrays': 'const held = []; for (;;) held.push(new Uint8Array(1e6).fill(1))',
  maps: 'const held = new Map(); for (let i = 0; ; i++) held.set(i, { i })',
  strings: 'const held = []; for (let i = 0; ; i++) held.push(String(i).padStart(1000, "x"))',
  concat: 'let held = [1]; for (;;) held = held.concat(held).slice(0, 2 ** 25)',
  'registered symbols': 'for (let i = 0; ; i++) Symbol.for(String(i).padStart(200, "x"))',
  closures: 'const held = []; for (let i = 0; ; i++) held.push(() => i + held.length)',
}

/** A little more in each of many calls, until one of them is refused. */
async function leakSlowly(context: VmContext): Promise<unknown> {
  await context.eval('const held = []; function leak() { held.push(new Array(2e5).fill(1)) }')
  for (;;) await context.call('leak')
}

/** More with each wake-up, which is the turn of a call that takes nothing itself. */
async function hideBetweenAwaits(context: VmContext): Promise<unknown> {
  const hoarding = context.eval(`let more; (async () => {
    const held = []
    for (;;) {
      held.push(new Array(2e5).fill(held.length))
      await new Promise((resolve) => { more = resolve })
    }
  })()`)
  hoarding.catch(() => {})
  try {
    for (;;) await context.call('more')
  } catch {
    return await hoarding
  }
}

describe('a memory bomb', () => {
  let service: VmService
  let collected: VmServiceEvents['contextCollected'][0][]
  let exits: unknown[]
  /** What the process held before the first bomb. */
  let fresh: number
  before(async () => {
    service = await smallService()
    collected = record(service, 'contextCollected')
    exits = record(service, 'processExit')
    const tenant = await service.createContext()
    await tenant.eval(`const held = new Uint8Array(${HELD}).fill(1); 0`)
    fresh = residentMemory(pidOf(service))
  })

  const kinds = Object.entries(BOMBS).map(
    ([name, source]) => [name, (context: VmContext) => context.eval(source)] as const,
  )
  const leak = ['a slow leak over many turns', leakSlowly] as const
  const hidden = ['one that hides between awaits', hideBetweenAwaits] as const
  for (const [name, explode] of [...kinds, leak, hidden]) {
    it(`is stopped, its neighbour lives, and memory comes back: ${name}`, async () => {
      const neighbour = await witness(service, name)
      const culprit = await service.createContext()

      const error = await failure(explode(culprit))
      assert.ok(
        error instanceof VmMemoryError || error instanceof VmInvalidContextError,
        `${error}`,
      )
      if (error instanceof VmMemoryError) {
        assert.equal(error.limit, LIMIT)
        assert.ok(error.rss > LIMIT, `${error.rss} bytes`)
      }
      const gone = await rejection(culprit.eval('1'), VmInvalidContextError)
      assert.equal(gone.reason, 'memory')
      assert.deepEqual(collected.splice(0), [{ id: culprit.id, reason: 'memory' }])

      await neighbour.check()
      const most = fresh * REST
      const resident = () => Math.round(residentMemory(pidOf(service)) / MIB)
      await within(
        30_000,
        () => residentMemory(pidOf(service)) <= most,
        () => `${resident()} MiB are left, there were ${Math.round(fresh / MIB)}`,
      )
      await neighbour.check()
      await within(
        30_000,
        async () => (await admission(service)) === undefined,
        () => 'no context is taken any more',
      )
      await neighbour.context.destroy()
      assert.deepEqual(exits, [])
    })
  }

  it('leaves nothing behind in the console', async () => {
    // Together more than the limit, should the console keep what it was given.
    for (let i = 0; i < 20; i++) {
      const context = await service.createContext()
      await context.eval(`console.log(new Uint8Array(${8 * MIB}).fill(1))`)
      await context.destroy()
      await within(
        30_000,
        async () => (await admission(service)) === undefined,
        () => `no context is taken after ${i}`,
      )
    }
    assert.deepEqual(exits, [])
  })
})

describe('the context that is blamed', () => {
  it('is the one that grew, though its turns are short and those of others long', async () => {
    await using service = await startService({
      memoryLimit: 128 * MIB,
      timeout: 30_000,
    })
    const [victim, culprit] = [await service.createContext(), await service.createContext()]
    await victim.eval('function busy() { for (let i = 0; i < 1e6; i++); return 1 }')
    await culprit.eval(
      'const held = []; function grow() { held.push(new Uint8Array(2e5).fill(1)) }',
    )
    const gone = once(service, 'contextCollected')
    const use = async (context: VmContext, path: string): Promise<unknown> => {
      for (;;) await context.call(path)
    }
    const busy = failure(use(victim, 'busy'))
    await failure(use(culprit, 'grow'))
    assert.deepEqual(await gone, [{ id: culprit.id, reason: 'memory' }])
    await victim.destroy()
    await busy
  })

  it('is no other, however much it takes before its turn ends', async () => {
    await using service = await startService({ memoryLimit: LIMIT, timeout: 30_000 })
    const collected = record(service, 'contextCollected')
    const tenant = await service.createContext()
    await tenant.eval(`const held = new Uint8Array(${HELD}).fill(1); 0`)
    const culprit = await service.createContext()
    // In one go, which nothing can end: twice the limit.
    await rejection(
      culprit.eval(`const held = new Uint8Array(${2 * LIMIT}).fill(1); for (;;);`),
      VmMemoryError,
    )
    await rejection(culprit.eval('1'), VmInvalidContextError)
    await within(
      30_000,
      async () => (await admission(service)) === undefined,
      () => 'no context is taken any more',
    )
    assert.equal(await tenant.eval('held.length'), HELD)
    assert.deepEqual(collected, [{ id: culprit.id, reason: 'memory' }])
  })

  it('is no other when memory goes back in the middle of its turn', async () => {
    const limit = 160 * MIB
    await using service = await startService({ memoryLimit: limit, timeout: 5000 })
    const collected = record(service, 'contextCollected')
    const tenant = await service.createContext()
    await tenant.eval(`const held = new Uint8Array(${24 * MIB}).fill(1); 0`)
    const [first, second] = [await service.createContext(), await service.createContext()]
    // The garbage of the first goes while the second waits in its turn.
    const bomb = `const start = Date.now(); while (Date.now() - start < 700);
      for (const held = []; ; ) {
        held.push(new Uint8Array(${MIB}).fill(1))
        for (const pause = Date.now() + 2; Date.now() < pause; );
      }`
    await Promise.all([
      rejection(
        first.eval(`const held = new Uint8Array(${1.8 * limit}).fill(1); for (;;);`),
        VmMemoryError,
      ),
      rejection(second.eval(bomb), VmMemoryError),
    ])
    assert.equal(await tenant.eval('held.length'), 24 * MIB)
    assert.deepEqual(
      collected.map(({ id }) => id),
      [first.id, second.id],
    )
  })

  it('takes its process along when what it takes grows in native code after its deadline', async () => {
    await using service = await startService({ memoryLimit: 256 * MIB, killGrace: 60_000 })
    const exits = record(service, 'processExit')
    const context = await service.createContext()
    const bomb = `const start = Date.now(); while (Date.now() - start < 25);
      new Uint8Array(${1.4 * 2 ** 30}).fill(1)`
    await rejection(context.eval(bomb, { timeout: 30 }), VmProcessError)
    assert.equal(exits[0]?.exit.cause, 'memory')
  })

  it('takes its process along when it is in native code that can`t be ended', async () => {
    await using service = await startService({
      memoryLimit: 128 * MIB,
      timeout: 60_000,
      killGrace: 60_000,
    })
    const context = await service.createContext()
    const error = await rejection(context.eval('new Uint8Array(2 ** 31).fill(1)'), VmProcessError)
    assert.equal(error.exit.cause, 'memory')
    assert.equal(error.role, 'culprit')
  })
})
