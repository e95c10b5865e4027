import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type HostCaller, syncFunction, type VmService } from 'vmring'
import { withService } from '../support/service.js'
import { hosting } from './service.js'

describe("a context's own functions of the host", () => {
  it('are there for its start-up sources and its calls, after a reset too, and for nobody else', async () => {
    const service = await hosting()
    const functions = {
      mine: (n: number) => n * 2,
      mineSync: syncFunction((n: number) => n * 3),
    }
    const init = [
      { source: 'var atStart = [typeof host.mine, typeof host.sync.mineSync, typeof host.add]' },
    ]
    await using context = await service.createContext({ functions, init })
    await using other = await service.createContext()
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await context.eval('atStart'), ['function', 'function', 'function'])
      assert.equal(await context.eval('host.mine(21)'), 42)
      assert.equal(await context.eval('host.sync.mineSync(14)'), 42)
      assert.equal(await context.eval('host.add(40, 2)'), 42)
      await context.reset()
    }
    assert.equal(await other.eval('typeof host.mine'), 'undefined')
  })

  it('differ between contexts of one process', async () => {
    const service = await hosting()
    const contexts = await Promise.all(
      Array.from({ length: 8 }, (_, i) => service.createContext({ functions: { own: () => i } })),
    )
    const answers = await Promise.all(contexts.map((context) => context.eval('host.own()')))
    assert.deepEqual(answers, [0, 1, 2, 3, 4, 5, 6, 7])
    await Promise.all(contexts.map((context) => context.destroy()))
  })
})

describe('start-up sources', () => {
  const init = [{ source: 'var settings = host.settings(); var early = typeof host' }]
  function check(service: VmService): Promise<void>[] {
    return Array.from({ length: 6 }, async (_, i) => {
      const context = await service.createContext({ id: `tenant-${i}` })
      assert.equal(await context.eval('settings'), `for tenant-${i}`)
      await context.reset()
      assert.equal(await context.eval('settings'), `for tenant-${i}`)
      assert.equal(await context.eval('early'), 'object')
    })
  }

  it('ask their host, on account of the context they turn out to be for', async () => {
    const functions = {
      async settings(this: HostCaller) {
        return `for ${this.contextId}`
      },
    }
    await withService({ functions, init }, async (service) => {
      // Made in advance, most of them.
      await Promise.all(check(service))
    })
  })

  it('cannot wait for their host, which does not know them yet', async () => {
    const source = `var refusal; try { host.sync.look() } catch (e) { refusal = [e instanceof Error, e.message] }`
    const functions = { look: syncFunction(() => 1) }
    await withService({ functions, init: [{ source }] }, async (service) => {
      const context = await service.createContext()
      const expected = [true, "host.sync.look: the host can't be asked now"]
      assert.deepEqual(await context.eval('refusal'), expected)
      assert.equal(await context.eval('host.sync.look()'), 1)
    })
  })
})

describe('without functions', () => {
  it('there is no host', async () => {
    await withService({}, async (service) => {
      const context = await service.createContext()
      assert.equal(await context.eval('typeof host'), 'undefined')
    })
  })
})
