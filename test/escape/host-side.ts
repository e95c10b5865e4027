import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { syncFunction, type VmContext, type VmService } from 'vmring'
import { serviceForAll, startService } from '../support/service.js'
import { pidOf } from '../support/slots.js'

/** What scripts can do to the service, and to their neighbours, by way of what it gives them. */

const MAX_PENDING = 20

let seen: unknown[] = []
let ended: AbortSignal | undefined

const theService = serviceForAll({
  hostCalls: { maxPending: MAX_PENDING },
  functions: {
    take(...args) {
      seen = [this, ...args]
      return args
    },
    takeSync: syncFunction((...args: unknown[]) => {
      seen = [undefined, ...args]
      return args[0]
    }),
    async takeLater(value) {
      await undefined
      return value
    },
    never: () => new Promise(() => {}),
    neverSync: syncFunction(
      function () {
        ended = this.signal
        return new Promise(() => {})
      },
      { timeout: 60_000 },
    ),
  },
})

async function beside(
  fn: (context: VmContext, service: VmService) => Promise<void>,
): Promise<void> {
  const service = await theService()
  const neighbour = await service.createContext()
  const context = await service.createContext()
  const pid = pidOf(service)
  try {
    await fn(context, service)
    assert.equal(await neighbour.eval('1 + 1'), 2)
    assert.equal(pidOf(service), pid)
  } finally {
    await neighbour.destroy()
    if (!context.signal.aborted) await context.destroy()
  }
}

const hostile = `({ then: 1, constructor: 'c', toString: 't', valueOf: 'v', toJSON: 'j', length: 1e9,
  ...JSON.parse('{"__proto__": {"polluted": true}}'), inner: { then: [2], __proto__: null } })`

describe('what arrives at the host', () => {
  it('is plain data of its realm, with keys that mean nothing', async () =>
    beside(async (context) => {
      for (const call of ['take', 'sync.takeSync']) {
        const result = await context.eval(
          `host.${call}(${hostile}, [new Map(), /x/, new TypeError('t')])`,
        )
        const [, value, list] = seen as [unknown, Record<string, unknown>, unknown[]]
        assert.equal(Object.getPrototypeOf(value), Object.prototype)
        assert.equal(value.then, 1)
        assert.equal((value as { polluted?: unknown }).polluted, undefined)
        assert.ok(
          list[0] instanceof Map && list[1] instanceof RegExp && list[2] instanceof TypeError,
        )
        assert.ok(result)
        assert.equal(({} as { polluted?: unknown }).polluted, undefined)
      }
    }))

  it('is no thenable to whoever awaits it, and none when it comes back', async () =>
    beside(async (context) => {
      const thenable = `{ get then() { return (ok) => ok('called') }, x: 1 }`
      for (const call of ['take', 'takeLater', 'sync.takeSync']) {
        const result = await context.eval(
          `Promise.resolve(host.${call}({ then: 'inert', x: 1 })).then((it) => JSON.stringify(it))`,
        )
        assert.match(result as string, /"then":"inert"/)
        const end = context.eval(`Promise.resolve(host.${call}([${thenable}])).then((it) => it)`)
        await end.catch((error) => assert.match(error.message, /function|called/))
      }
      const awaited = await (async () => (seen as unknown[])[1])()
      assert.deepEqual(awaited, [{ x: 1 }])
    }))

  it('comes without a way to what it is called on', async () =>
    beside(async (context) => {
      await context.eval(`
        const fake = { contextId: 'another', key: 'another', signal: { aborted: true } }
        host.take.call(fake, 1)`)
      const [caller] = seen as [{ contextId: string; key: string; signal: AbortSignal }]
      assert.equal(caller.contextId, context.id)
      assert.ok(caller.signal instanceof AbortSignal)
    }))

  it('is of the context that called, whose functions no other has', async () =>
    beside(async (context, service) => {
      const own = await service.createContext({ functions: { secret: () => 'of another' } })
      assert.equal(await own.eval('host.secret()'), 'of another')
      const found = await context.eval(`
        const names = [...Object.getOwnPropertyNames(host), ...Object.getOwnPropertyNames(host.sync)]
        names.join()`)
      assert.doesNotMatch(found as string, /secret/)
      await own.destroy()
    }))
})

describe('calls that nobody answers', () => {
  const fill = `for (let i = 0; i < ${2 * MAX_PENDING}; i++) host.never().catch(() => {}); 1`

  it('do not add up over resets to more than an honest process would send', async () =>
    beside(async (context) => {
      for (let i = 0; i < 4; i++) {
        assert.equal(await context.eval(fill), 1)
        await context.reset()
      }
      assert.deepEqual(await context.eval('host.take(1)'), [1])
    }))

  it('are one too many for themselves alone', async () =>
    beside(async (context) => {
      await context.eval(fill)
      await assert.rejects(context.eval('host.take(1)'), /more than 20 host calls/)
      assert.equal(await context.eval('host.sync.takeSync(2)'), 2)
    }))
})

describe('a script that prints in every turn as much as it may', () => {
  it('is not taken for a process that floods its service', async () => {
    let heard = 0
    const service = await startService({
      functions: { again: () => 1 },
      console: () => {
        heard++
      },
    })
    try {
      const neighbour = await service.createContext()
      const context = await service.createContext()
      await context.eval(
        `(async () => {
          for (let turn = 0; turn < 1500; turn++) {
            for (let i = 0; i < 100; i++) console.log()
            await host.again()
          }
        })()`,
        { timeout: 30_000 },
      )
      assert.ok(heard > 500 && heard < 5000)
      assert.equal(await neighbour.eval('1'), 1)
      assert.equal(service.stats().slots[0]?.generation, 1)
    } finally {
      await service.close({ force: true })
    }
  })
})

describe('a script that is held up', () => {
  it('goes on when its context is destroyed, and its process with it', async () =>
    beside(async (context) => {
      const end = context.eval('host.sync.neverSync()').catch((error) => error.code)
      while (!ended) await new Promise((resolve) => setTimeout(resolve, 5))
      await context.destroy()
      assert.match((await end) as string, /^ERR_VM_/)
      assert.equal(ended.aborted, true)
    }))

  it('has its way to the host counted as its own time', async () => {
    // The service's own clock would end the process, with everybody in it.
    const functions = { quick: syncFunction(() => 1) }
    const service = await startService({ functions, killGrace: 1000 })
    try {
      const neighbour = await service.createContext()
      for (const source of [
        'for (;;) host.sync.quick()',
        '(async () => { for (;;) { host.sync.quick(); await 0 } })()',
        'setTimeout(() => { for (;;) host.sync.quick() }); new Promise(() => {})',
      ]) {
        const context = await service.createContext()
        await assert.rejects(context.eval(source, { timeout: 50 }), { code: 'ERR_VM_TIMEOUT' })
        await context.destroy()
      }
      assert.equal(await neighbour.eval('1'), 1)
      assert.equal(service.stats().slots[0]?.generation, 1)
    } finally {
      await service.close({ force: true })
    }
  })
})

describe('what a script begins at the end of its stack', () => {
  it('is done, or refused', async () =>
    beside(async (context) => {
      const counts = await context.eval(`
        const counts = [0, 0]
        let most = 0
        const dive = () => {
          try { dive() } catch {}
          if (counts[0] >= most) return
          try { setTimeout(() => { counts[1]++ }, 1); counts[0]++ } catch {}
        }
        // Each from a bit lower.
        const start = (...filler) => dive()
        for (let i = 0; i < 40; i++) {
          most += 20
          start(...new Array(i * 3))
        }
        new Promise((resolve) => setTimeout(resolve, 50, counts))`)
      const [set, fired] = counts as [number, number]
      assert.equal(set, 800)
      assert.equal(fired, set)
    }))

  it('does not take the rest with it', async () => {
    const lines: string[] = []
    const service = await startService({ console: ({ text }) => lines.push(text) })
    try {
      const context = await service.createContext()
      await context.eval(`
        const dive = () => { try { dive() } catch {} console.log('deep') }
        dive()`)
      await context.eval("console.log('after')")
      await context.eval('1')
      assert.equal(lines.at(-1), 'after')
      const timers = await service.createContext()
      assert.equal(
        await timers.eval(`
          const plunge = () => { try { plunge() } catch {} try { setTimeout } catch {} }
          plunge()
          new Promise((resolve) => setTimeout(resolve, 1, 'fired'))`),
        'fired',
      )
    } finally {
      await service.close({ force: true })
    }
  })
})
