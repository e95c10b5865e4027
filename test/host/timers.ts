import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VmScriptError, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { anyService, withContext, withService } from '../support/service.js'
import { hosting, nextHeld } from './service.js'

describe('timers', () => {
  it('fire in their order, with their arguments, between microtasks', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const source = `const log = []
      new Promise((resolve) => {
        setTimeout(() => { log.push('c'); resolve(log) }, 30)
        setTimeout((...args) => { log.push(args.join('')); Promise.resolve().then(() => log.push('micro')) }, 1, 'a', 1)
        setTimeout(() => log.push('b'), 1)
        const gone = setTimeout(() => log.push('never'), 5)
        clearTimeout(gone); clearTimeout(undefined); clearTimeout('x'); clearInterval(12345)
      })`
    assert.deepEqual(await context.eval(source), ['a1', 'micro', 'b', 'c'])
  })

  it('repeat until they are cleared', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const source = `let times = 0
      new Promise((resolve) => {
        const id = setInterval((step) => { times += step; if (times === 10) { clearInterval(id); resolve(times) } }, 1, 2)
      })`
    assert.equal(await context.eval(source), 10)
  })

  it('wait as long as they are told', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const begun = performance.now()
    await context.eval('new Promise((resolve) => setTimeout(resolve, 60))')
    assert.ok(performance.now() - begun >= 59)
  })

  it('are functions of the context, which it may replace', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const names = "['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval']"
    const own = `${names}.every((name) => globalThis[name] instanceof Function && globalThis[name].name === name
      && !Object.keys(globalThis).includes(name) && globalThis[name].constructor === Function)`
    assert.equal(await context.eval(own), true)
    assert.equal(await context.eval('setTimeout = () => 5; setTimeout()'), 5)
    assert.equal(await context.eval('delete globalThis.setTimeout; typeof setTimeout'), 'undefined')
    await using other = await service.createContext()
    assert.equal(await other.eval('const setTimeout = 1; setTimeout'), 1)
    await using third = await service.createContext()
    assert.equal(await third.eval('function setInterval() { return 2 }; setInterval()'), 2)
  })

  it('refuse what is no function, and more than a thousand at a time', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    for (const call of ["setTimeout('1')", 'setInterval(null)']) {
      const error = await rejection(context.eval(call), VmScriptError)
      assert.equal(error.scriptName, 'TypeError')
    }
    const source = `var made = 0
      new Promise((resolve, reject) => { try { for (;;) { setTimeout(() => {}, 1e6); made++ } } catch (e) { resolve([e.name, made]) } })`
    assert.deepEqual(await context.eval(source), ['RangeError', 1000])
    // They went with the call that set them.
    assert.deepEqual(await context.eval(source), ['RangeError', 1000])
  })

  it('go with the call that set them', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await context.eval(
      'let fired = 0; setTimeout(() => fired++, 1); setInterval(() => fired++, 1); 1',
    )
    const controller = new AbortController()
    const aborted = context.eval('new Promise(() => setInterval(() => fired++, 1))', {
      signal: controller.signal,
    })
    controller.abort()
    await assert.rejects(aborted)
    await context.eval('fired = 0')
    await context.eval('new Promise((resolve) => setTimeout(resolve, 20))')
    assert.equal(await context.eval('fired'), 0)
  })

  it('live with their context where that is wanted', async () => {
    const ticks: number[] = []
    let enough: () => void
    const done = new Promise<void>((resolve) => {
      enough = resolve
    })
    const functions = {
      tick(n: number) {
        if (ticks.push(n) === 5) enough()
      },
    }
    const init = [{ source: 'var n = 0; setInterval(() => host.tick(++n), 2)' }]
    await withService({ functions, timers: 'context', init }, async (service) => {
      const alive = setInterval(() => {}, 60_000)
      const context = await service.createContext()
      await done
      clearInterval(alive)
      assert.deepEqual(ticks.slice(0, 5), [1, 2, 3, 4, 5])
      await context.destroy()
      const last = ticks.length
      await new Promise((resolve) => setTimeout(resolve, 30))
      assert.equal(ticks.length, last)
    })
  })

  it('are not there where that is wanted', () =>
    withContext(
      async (context) => {
        assert.equal(
          await context.eval('typeof setTimeout + typeof clearInterval'),
          'undefinedundefined',
        )
      },
      { timers: 'none' },
    ))

  it('that throw cost the others nothing', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const source = `new Promise((resolve) => {
      setTimeout(() => { throw new Error('lost') }, 1); setTimeout(() => resolve('fine'), 2) })`
    assert.equal(await context.eval(source), 'fine')
  })

  it('that never end are cut short with their call, and do not come back', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const loop = 'new Promise(() => { setInterval(() => { for (;;); }, 1) })'
    const error = await rejection(context.eval(loop, { timeout: 60 }), VmTimeoutError)
    assert.deepEqual([error.phase, error.contextSurvived], ['run', true])
    assert.equal(await context.eval('1'), 1)
    await context.eval('new Promise((resolve) => setTimeout(resolve, 10))')
  })

  it('of a context that never end cost it their own turn alone', async () => {
    await withService({ timers: 'context', timeout: 100 }, async (service) => {
      const context = await service.createContext()
      await using neighbour = await service.createContext()
      await context.eval(
        'let fired = 0; setInterval(() => { fired++; for (;;); }, 1); setInterval(() => fired += 100, 1); 1',
      )
      const wait = 'new Promise((resolve) => setTimeout(resolve, 20))'
      await neighbour.eval(wait, { timeout: 5000 })
      await context.eval(wait, { timeout: 5000 })
      const fired = await context.eval<number>('fired', { timeout: 5000 })
      assert.equal(fired % 100, 1)
      assert.ok(fired > 100)
    })
  })

  it('that a script has reckon with what never ends cost nobody else anything', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const endless = '({ valueOf() { for (;;); }, toString() { for (;;); } })'
    const source = `Math.ceil = () => ${endless}; Map.prototype.get = Map.prototype.set = () => ${endless}
      setTimeout(() => {}, 1); clearTimeout(1); 'set'`
    assert.equal(await context.eval(source), 'set')
    await using neighbour = await service.createContext()
    assert.equal(await neighbour.eval('1'), 1)
    assert.equal(await context.eval('1'), 1)
  })

  it('go with calls that run out of time', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    const source = 'for (let i = 0; i < 400; i++) setTimeout(() => {}, 1e8); new Promise(() => {})'
    for (let i = 0; i < 4; i++) {
      await rejection(context.eval(source, { timeout: 20 }), VmTimeoutError)
    }
  })

  it('fire again after a call was given up whose timer had to wait', async () => {
    const service = await anyService()
    await using context = await service.createContext()
    await using neighbour = await service.createContext()
    const controller = new AbortController()
    const call = context.eval('new Promise((resolve) => setTimeout(resolve, 20))', {
      signal: controller.signal,
    })
    const busy = neighbour.eval('const end = Date.now() + 150; while (Date.now() < end); 1')
    setTimeout(() => controller.abort(), 60)
    await assert.rejects(call)
    await busy
    await context.eval('new Promise((resolve) => setTimeout(resolve, 1))')
  })

  it('have what their own call has left, whoever else waits', async () => {
    const service = await anyService()
    await using context = await service.createContext({ timeout: 600_000 })
    const waiting = context.eval('new Promise((resolve) => { release = resolve })')
    const loop = 'new Promise(() => setTimeout(() => { for (;;); }, 1))'
    await rejection(context.eval(loop, { timeout: 60 }), VmTimeoutError)
    await context.eval('release(1)')
    assert.equal(await waiting, 1)
  })

  it('whose callback goes on after an await, and never ends, are not called again', async () => {
    await withService({ timers: 'context', timeout: 60 }, async (service) => {
      const context = await service.createContext()
      const loop =
        'let fired = 0; setInterval(async () => { fired++; await null; for (;;); }, 1); 1'
      await context.eval(loop)
      for (let i = 0; i < 5; i++) {
        await context.eval('new Promise((resolve) => setTimeout(resolve, 30))', { timeout: 5000 })
      }
      assert.equal(await context.eval('fired', { timeout: 5000 }), 1)
    })
  })

  it('act on account of the call that set them', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const controller = new AbortController()
    const source =
      'new Promise((resolve) => setTimeout(() => host.hold().then(resolve, resolve), 1))'
    const call = context.eval(source, { signal: controller.signal, timeout: 60 })
    const { caller } = await nextHeld()
    // Its time stands still.
    await new Promise((resolve) => setTimeout(resolve, 120))
    assert.equal(caller.signal.aborted, false)
    controller.abort()
    await assert.rejects(call)
    assert.equal(caller.signal.aborted, true)
  })
})
