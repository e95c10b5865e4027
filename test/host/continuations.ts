import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { syncFunction, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { untilBusy } from '../support/processes.js'
import { withService } from '../support/service.js'
import { pidOf } from '../support/slots.js'
import { hosting, nextHeld } from './service.js'

/** Longer than any test: what should have been cut short, and was not, fails by its test's own limit. */
const NEVER = 600_000
const SPIN = 'function spin(ms) { const end = Date.now() + ms; while (Date.now() < end); }'

describe('what goes on after a host call', () => {
  it('may wait for its host when its call has ended', async () => {
    const service = await hosting()
    const pid = pidOf(service)
    await using context = await service.createContext()
    await context.eval(
      "let got; host.add(1, 1).then(() => { got = host.sync.look('four').size }); 1",
    )
    assert.equal(await context.eval('host.later(0).then(() => got)'), 4)
    assert.equal(pidOf(service), pid)
  })

  it('has what its call has left, whatever else that waits for', async () => {
    const service = await hosting()
    await using context = await service.createContext({ timeout: NEVER })
    await using neighbour = await service.createContext({ timeout: NEVER })
    const loop = 'Promise.all([host.hold(), host.later(1).then(() => { for (;;); })])'
    const call = rejection(context.eval(loop, { timeout: 100 }), VmTimeoutError)
    const { release, caller } = await nextHeld()
    assert.deepEqual([(await call).phase, caller.signal.aborted], ['run', true])
    release(1)
    assert.equal(await neighbour.eval('1'), 1)
  })

  it('has it only once, in however many turns', async () => {
    const service = await hosting()
    await using context = await service.createContext({ timeout: NEVER })
    const source = `${SPIN} let turns = 0
      Promise.all(Array.from({ length: 40 }, async (_, i) => {
        for (let j = 0; j <= i; j++) await host.later(j)
        turns++
        spin(60)
      }))`
    await rejection(context.eval(source, { timeout: 100 }), VmTimeoutError)
    assert.ok((await context.eval<number>('turns')) <= 3)
  })

  it('counts what its call has used before', async () => {
    const service = await hosting()
    await using context = await service.createContext({ timeout: NEVER })
    const source = `${SPIN} let steps = 0
      host.add(1, 1).then(() => { const begun = Date.now(); for (;;) steps = Date.now() - begun }); spin(400); new Promise(() => {})`
    await rejection(context.eval(source, { timeout: 500 }), VmTimeoutError)
    assert.ok((await context.eval<number>('steps')) < 300)
  })

  it('ends when its call is given up', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await using neighbour = await service.createContext({ timeout: NEVER })
    const controller = new AbortController()
    const source = 'host.later(1).then(() => { host.sync.lookHeld(); for (;;); })'
    const call = context.eval(source, { timeout: NEVER, signal: controller.signal })
    const { release } = await nextHeld()
    release(1)
    await untilBusy(pidOf(service))
    controller.abort()
    await assert.rejects(call)
    assert.equal(await neighbour.eval('1'), 1)
    assert.equal(await context.eval('1'), 1)
  })

  it('has its context to itself no longer than a call', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await using neighbour = await service.createContext()
    await context.eval(`${SPIN} let turns = 0
      for (let i = 0; i < 50; i++) (async () => { for (;;) { await host.later(i); turns++; spin(2) } })(); 1`)
    const before = await neighbour.eval('host.later(1)').then(() => context.eval<number>('turns'))
    for (let i = 0; i < 5; i++) await neighbour.eval('1')
    const after = await context.eval<number>('turns')
    // Of each of its neighbour's turns, it had one or two: all that has ended meanwhile.
    assert.ok(after - before <= 50 * 12, `${after - before} turns`)
  })
})

describe('a reset under host calls', () => {
  it('begins anew with none', async () => {
    await withService(
      {
        functions: { hold: () => new Promise(() => {}), add: (a: number) => a + 1 },
        hostCalls: { maxPending: 3 },
      },
      async (service) => {
        const pid = pidOf(service)
        const context = await service.createContext()
        for (let i = 0; i < 12; i++) {
          await context.eval('host.hold(); 1')
          await context.reset()
        }
        assert.equal(await context.eval('host.add(1)'), 2)
        assert.equal(pidOf(service), pid)
      },
    )
  })

  it('leaves what is on its way back to the old one out of account', async () => {
    const later = () => new Promise((resolve) => setImmediate(resolve))
    const init = [{ source: 'for (let i = 0; i < 20; i++) host.later()' }]
    await withService(
      { functions: { later }, init, hostCalls: { maxPending: 20 } },
      async (service) => {
        const pid = pidOf(service)
        const context = await service.createContext()
        for (let i = 0; i < 20; i++) await context.reset()
        assert.equal(await context.eval('1'), 1)
        assert.equal(pidOf(service), pid)
      },
    )
  })
})

describe('errors of the host', () => {
  it('fit whatever a source may have', async () => {
    const functions = {
      async later(text: string) {
        throw new Error(`not ${text}, nor ${text}`)
      },
      now(text: string) {
        throw new Error(`not ${text}, nor ${text}`)
      },
      held: syncFunction((text: string) => {
        throw new Error(`not ${text}, nor ${text}`)
      }),
    }
    await withService({ functions, maxSourceSize: 1024 }, async (service) => {
      const context = await service.createContext()
      for (const call of [
        'await host.later(text)',
        'await host.now(text)',
        'host.sync.held(text)',
      ]) {
        const source = `(async () => { const text = 'x'.repeat(600); try { ${call} } catch (e) { return e.message.length } })()`
        assert.equal(await context.eval(source), 1210)
      }
    })
  })

  it('reach the script with half a character too', async () => {
    const functions = {
      half() {
        throw new Error('x\ud800')
      },
      long() {
        throw new Error(`${'a'.repeat(16_383)}😀`)
      },
    }
    await withService({ functions }, async (service) => {
      const context = await service.createContext()
      assert.equal(await context.eval('host.half().catch((e) => e.message)'), 'x\ufffd')
      assert.equal(await context.eval('host.long().catch((e) => e.message.length)'), 16_384)
    })
  })
})

describe('a loop that asks its host', () => {
  it('and waits, is ended in time, and its process lives', async () => {
    const service = await hosting()
    const pid = pidOf(service)
    await using context = await service.createContext({ timeout: NEVER })
    for (const loop of [
      "for (;;) host.sync.look('')",
      "for (;;) try { host.sync.look('') } catch {}",
    ]) {
      const error = await rejection(context.eval(loop, { timeout: 30 }), VmTimeoutError)
      assert.equal(error.contextSurvived, true)
      const controller = new AbortController()
      const call = context.eval(loop, { timeout: NEVER, signal: controller.signal })
      setTimeout(() => controller.abort(), 20)
      await assert.rejects(call)
      assert.equal(await context.eval('1'), 1)
    }
    assert.equal(pidOf(service), pid)
  })

  it('has none of the time that its host is busy with something else', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const busy = setInterval(() => {
      const end = performance.now() + 8
      while (performance.now() < end);
    }, 1)
    const source = "let sum = 0; for (let i = 0; i < 100; i++) sum += host.sync.look('x').size; sum"
    assert.equal(await context.eval(source, { timeout: 300 }), 100)
    clearInterval(busy)
  })
})

describe('a host call', () => {
  it('whose arguments take too long is given up, and takes nobody`s place', async () => {
    const functions = { echo: (value: unknown) => value }
    await withService({ functions, hostCalls: { maxPending: 1 } }, async (service) => {
      const context = await service.createContext()
      // However fast the machine is, it comes to no end.
      await context.eval(`const big = Array.from({ length: 200_000 }, (_, i) => ({ i }))
        big.push({ get last() { for (;;); } })`)
      for (let timeout = 1; timeout < 40; timeout += 3) {
        await context.eval('host.echo(big)', { timeout }).catch(() => {})
      }
      assert.equal(await context.eval('host.echo([1]).then((list) => list.length)'), 1)
    })
  })

  it('made while the arguments of another are looked at disturbs that in nothing', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `const cycle = []; cycle.push(cycle)
      host.echo({ a: { get b() { host.echo({ deep: [[1]] }).catch(() => {}); return [cycle] } } }).catch((e) => e.message)`
    assert.match(await context.eval<string>(source), /^host\.echo\[0\]\.a\.b\[0\]/)
  })
})
