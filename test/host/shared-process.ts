import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { syncFunction, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { untilIdle } from '../support/processes.js'
import { withService } from '../support/service.js'
import { pidOf } from '../support/slots.js'
import { hosting, nextHeld } from './service.js'

// What contexts of one process cost each other when they ask their host.

const NEVER = 600_000
const SPIN = 'function spin(ms) { const end = Date.now() + ms; while (Date.now() < end); }'

describe('a continuation whose call ends before it begins', () => {
  for (const [how, timeout] of [
    ['is given up', NEVER],
    ['has its result', Number.POSITIVE_INFINITY],
  ] as const) {
    it(`has no more than its context has: ${how}`, async () => {
      const service = await hosting()
      await using context = await service.createContext({ timeout: 100 })
      await using neighbour = await service.createContext({ timeout: NEVER })
      const controller = new AbortController()
      const source = `new Promise((resolve) => { finish = resolve; host.hold().then(() => { for (;;); }) })`
      const call = context
        .eval(source, { timeout, signal: controller.signal })
        .catch(() => 'given up')
      const { release } = await nextHeld()
      const busy = neighbour.eval('host.sync.lookHeld()')
      const question = await nextHeld()
      // All of that waits in the process now.
      const finish =
        how === 'has its result' ? context.eval('finish(1)', { timeout: NEVER }) : undefined
      release(1)
      await new Promise((resolve) => setImmediate(resolve))
      if (!finish) controller.abort()
      question.release(1)
      await Promise.all([busy, finish, call])
      assert.equal(await neighbour.eval('1'), 1)
    })
  }
})

describe('a call that waits for its host', () => {
  it('is not charged with what its neighbours take', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await using neighbour = await service.createContext()
    const call = context.eval('host.hold()', { timeout: 60 })
    const { release } = await nextHeld()
    const busy = neighbour.eval(`{ ${SPIN} spin(200) }`)
    release('in time')
    assert.equal(await call, 'in time')
    await busy
  })

  it('has its results though one of them takes all its time', async () => {
    const functions = {
      hold: (n: number) => new Promise((resolve) => setImmediate(resolve, n === 0 ? BIG : n)),
    }
    const BIG = Array.from({ length: 150_000 }, (_, i) => ({ i }))
    await withService({ functions, hostCalls: { maxPending: 6 } }, async (service) => {
      const context = await service.createContext()
      const source = 'Promise.all([0, 1, 2, 3, 4, 5].map((n) => host.hold(n)))'
      for (let timeout = 2; timeout < 20; timeout += 6) {
        await context.eval(source, { timeout }).catch(() => {})
      }
      assert.equal(await context.eval('host.hold(7)'), 7)
    })
  })

  it('keeps its own context from nothing else', async () => {
    const service = await hosting()
    const neighbours = await Promise.all(Array.from({ length: 150 }, () => service.createContext()))
    await using context = await service.createContext()
    const controller = new AbortController()
    const { signal } = controller
    const loop = context.eval('(async () => { for (;;) await host.add(1, 1) })()', {
      signal,
      timeout: NEVER,
    })
    const busy = neighbours.map(async (neighbour) => {
      while (!signal.aborted) {
        await Promise.all([neighbour.eval('1'), neighbour.eval('2'), neighbour.eval('3')])
      }
    })
    assert.equal(await context.eval('7'), 7)
    controller.abort()
    await assert.rejects(loop)
    await Promise.all(busy)
    await Promise.all(neighbours.map((neighbour) => neighbour.destroy()))
  })
})

describe('timers that are due together', () => {
  it('have their context`s time each', async () => {
    await withService({ timers: 'context', timeout: 400, killGrace: 100 }, async (service) => {
      const pid = pidOf(service)
      const context = await service.createContext()
      const source = `${SPIN} let done = 0
        for (let i = 0; i < 3; i++) setTimeout(() => { spin(300); done++ }, 1); 1`
      await context.eval(source)
      const wait = 'new Promise((resolve) => setTimeout(resolve, 30))'
      while ((await context.eval('done', { timeout: 10_000 })) !== 3) {
        await context.eval(wait, { timeout: 10_000 })
      }
      assert.equal(pidOf(service), pid)
    })
  })
})

describe('a context that is gone', () => {
  it('takes nothing from its neighbours, whatever it made of its globals', async () => {
    const functions = { look: syncFunction(() => 1) }
    await withService({ functions, killGrace: 600_000 }, async (service) => {
      const neighbour = await service.createContext()
      for (let i = 0; i < 3; i++) {
        const context = await service.createContext()
        const source = `for (const name of Object.getOwnPropertyNames(globalThis)) {
            try { Object.defineProperty(globalThis, name, { get() { for (;;); } }) } catch {}
          } for (;;);`
        await rejection(context.eval(source, { timeout: 60 }), VmTimeoutError)
        await context.destroy()
      }
      assert.equal(await neighbour.eval('1'), 1)
      await untilIdle(pidOf(service))
    })
  })
})

describe('a neighbouring call', () => {
  it('asks its host as before when another was cut short', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const call = context.eval(
      `new Promise((resolve) => { go = resolve }).then(() => host.sync.look('four').size)`,
    )
    await rejection(context.eval('go(); for (;;);', { timeout: 40 }), VmTimeoutError)
    assert.equal(await call, 4)
  })
})

describe('bytes among the arguments', () => {
  it('are those of when the call was made', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `const bytes = new Uint8Array([1, 2, 3]); const call = host.echo(bytes, [bytes.buffer]); bytes[0] = 99; call`
    assert.deepEqual(await context.eval(source), [
      new Uint8Array([1, 2, 3]),
      [new Uint8Array([1, 2, 3]).buffer],
    ])
  })
})

describe('a small service', () => {
  it('takes what turns print that were cut short', async () => {
    await withService({ maxSourceSize: 1024, console: () => {} }, async (service) => {
      const pid = pidOf(service)
      const context = await service.createContext()
      const source = `const print = () => { for (let i = 0; i < 8; i++) console.log('€'.repeat(4000)) }
        print(); Promise.resolve().then(print); for (;;);`
      await rejection(context.eval(source, { timeout: 60 }), VmTimeoutError)
      assert.equal(await context.eval('1'), 1)
      assert.equal(pidOf(service), pid)
    })
  })

  it('may count the time that its host is waited for', async () => {
    const functions = {
      wait: syncFunction(() => new Promise((resolve) => setTimeout(resolve, 80))),
      later: () => new Promise((resolve) => setImmediate(resolve)),
    }
    await withService({ functions, hostCalls: { countTime: true } }, async (service) => {
      const context = await service.createContext()
      const source = `${SPIN} host.sync.wait(); host.later().then(() => spin(80))`
      await rejection(context.eval(source, { timeout: 120 }), VmTimeoutError)
    })
  })
})
