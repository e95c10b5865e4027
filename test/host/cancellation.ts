import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VmProcessError, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { withService } from '../support/service.js'
import { pidOf } from '../support/slots.js'
import { hosting, nextHeld } from './service.js'

describe('a call that is given up while it waits for its host', () => {
  it('has its host calls aborted, and the script cleans up', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const controller = new AbortController()
    const source = `const log = []
      host.hold('first').catch((e) => { log.push(e.name); return host.hold('again') })
        .catch((e) => log.push(e.name)).finally(() => log.push('cleaned'))`
    const call = context.eval(source, { signal: controller.signal })
    const { caller, args } = await nextHeld()
    assert.deepEqual(args, ['first'])
    const reason = new Error('no longer wanted')
    controller.abort(reason)
    await assert.rejects(call, reason)
    assert.equal(caller.signal.reason, reason)
    assert.deepEqual(await context.eval('log'), ['AbortError', 'AbortError', 'cleaned'])
  })

  it('leaves those of other calls alone', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const controller = new AbortController()
    const first = context.eval('host.hold(1)', { signal: controller.signal })
    const second = context.eval('host.hold(2)')
    const [one, two] = [await nextHeld(), await nextHeld()]
    controller.abort()
    await assert.rejects(first)
    assert.deepEqual([one.caller.signal.aborted, two.caller.signal.aborted], [true, false])
    two.release('kept')
    assert.equal(await second, 'kept')
  })

  it('ends a loop that goes on after its host has answered', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const call = rejection(
      context.eval('host.add(1, 1).then(() => { for (;;); })', { timeout: 50 }),
      VmTimeoutError,
    )
    const error = await call
    assert.deepEqual([error.phase, error.contextSurvived], ['run', true])
    assert.equal(await context.eval('1'), 1)
  })

  it('ends a loop that only cleans up', async () => {
    const service = await hosting()
    await using context = await service.createContext({ timeout: 100 })
    const controller = new AbortController()
    const source = `(async () => { for (;;) try { await host.hold() } catch {} })()`
    const call = context.eval(source, { signal: controller.signal, timeout: 60_000 })
    await nextHeld()
    controller.abort()
    await assert.rejects(call)
    assert.equal(await context.eval('1', { timeout: 5000 }), 1)
  })
})

describe('the time of a call', () => {
  it('stands still while its host is asked, unless it is to be counted', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const call = context.eval('host.hold().then((value) => value + 1)', { timeout: 60 })
    const { release, caller } = await nextHeld()
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(caller.signal.aborted, false)
    release(1)
    assert.equal(await call, 2)
    const functions = { never: () => new Promise(() => {}) }
    await withService({ functions, hostCalls: { countTime: true } }, async (counting) => {
      const counted = await counting.createContext()
      const error = await rejection(counted.eval('host.never()', { timeout: 60 }), VmTimeoutError)
      assert.deepEqual([error.phase, error.contextSurvived], ['run', true])
    })
  })

  it('goes on while the script waits for something else', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const call = context.eval('host.add(1, 1).then(() => new Promise(() => {}))', { timeout: 60 })
    assert.equal((await rejection(call, VmTimeoutError)).phase, 'run')
  })

  it('of the host is bounded, and the script goes on after it', async () => {
    const functions = { never: () => new Promise(() => {}) }
    await withService({ functions, hostCalls: { timeout: 40 } }, async (service) => {
      const context = await service.createContext()
      const source = 'host.never().catch((e) => [e instanceof Error, e.name, e.message])'
      const message = 'host.never: no answer within 40 ms'
      assert.deepEqual(await context.eval(source), [true, 'TimeoutError', message])
    })
  })
})

describe('a process that dies while its host is asked', () => {
  for (const source of ['host.hold()', 'host.sync.lookHeld()']) {
    it(`has the call rejected and the function told: ${source}`, async () => {
      const service = await hosting()
      const context = await service.createContext()
      const call = rejection(context.eval(source), VmProcessError)
      const { caller, release } = await nextHeld()
      process.kill(pidOf(service), 'SIGKILL')
      await call
      assert.equal(caller.signal.aborted, true)
      assert.equal(context.signal.aborted, true)
      release(1)
      await using next = await service.createContext()
      assert.equal(await next.eval('host.add(1, 1)'), 2)
    })
  }
})
