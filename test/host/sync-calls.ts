import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VmInvalidContextError, VmScriptError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { hosting, nextHeld } from './service.js'

describe('a function of the host that scripts wait for', () => {
  it('gives its result at once, also where it takes the host some time', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    assert.deepEqual(await context.eval("host.sync.look('four')"), { key: 'four', size: 4 })
    assert.deepEqual(await context.eval('host.sync.lookLater([1, { a: new Date(3) }])'), [
      1,
      { a: new Date(3) },
    ])
    assert.equal(
      await context.eval('typeof host.look + typeof host.sync.add'),
      'undefinedundefined',
    )
    const sum =
      'let sum = 0; for (let i = 0; i < 1000; i++) sum += host.sync.look("x".repeat(i)).size; sum'
    assert.equal(await context.eval(sum), 499_500)
  })

  it('moves large values both ways', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `const bytes = new Uint8Array(3_000_000).fill(7); bytes[2_999_999] = 9
      const back = host.sync.lookLater(bytes); [back.length, back[0], back[2_999_999]]`
    assert.deepEqual(await context.eval(source), [3_000_000, 7, 9])
  })

  it('throws in the script', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const caught = (source: string) =>
      context.eval(
        `try { ${source} } catch (e) { [e instanceof Error, e.name, e.message, e.secret] }`,
      )
    const refused = [true, 'RangeError', 'no such rule', undefined]
    assert.deepEqual(await caught('host.sync.lookRefuse()'), refused)
    const hung = [true, 'TimeoutError', 'host.sync.lookHang: no answer within 50 ms', undefined]
    assert.deepEqual(await caught('host.sync.lookHang()'), hung)
    assert.equal(((await caught('host.sync.lookCycle()')) as string[])[1], 'DataCloneError')
    const cycle = 'const c = []; c.push(c); host.sync.look(c)'
    assert.equal(((await caught(cycle)) as string[])[1], 'DataCloneError')
    const large = (await caught("host.sync.look('x'.repeat(2 ** 23))")) as string[]
    assert.match(large[2] ?? '', /where 5242880 may be sent/)
    const error = await rejection(context.eval('host.sync.lookRefuse()'), VmScriptError)
    assert.equal(error.message, 'RangeError: no such rule')
  })

  it("takes none of the script's time", async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const call = context.eval('host.sync.lookHeld()', { timeout: 50 })
    const { release } = await nextHeld()
    // Longer than the call has, and than its process would have to end it.
    await new Promise((resolve) => setTimeout(resolve, 700))
    release('late')
    assert.equal(await call, 'late')
    const loop = rejection(
      context.eval('host.sync.look("x"); for (;;);', { timeout: 50 }),
      Error as never,
    )
    assert.equal(((await loop) as { code?: string }).code, 'ERR_VM_TIMEOUT')
    assert.equal(await context.eval('1'), 1)
  })

  it('holds up its neighbours, and no longer', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await using neighbour = await service.createContext()
    const call = context.eval('host.sync.lookHeld()')
    const { release } = await nextHeld()
    let isThrough = false
    const other = neighbour.eval('1').then(() => {
      isThrough = true
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    assert.equal(isThrough, false)
    release(1)
    await Promise.all([call, other])
  })

  it('that calls back into its own process gets its answer when its time is up, not never', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await context.eval('let calls = 0')
    const caught = `try { host.sync.lookBack('++calls') } catch (e) { e.name }`
    assert.equal(await context.eval(caught), 'TimeoutError')
    assert.equal(await context.eval('calls'), 1)
  })

  it('is given up with the call that waits', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const controller = new AbortController()
    const call = context.eval('host.sync.lookHeld()', { signal: controller.signal })
    const { caller } = await nextHeld()
    const reason = new Error('enough')
    controller.abort(reason)
    assert.equal(caller.signal.reason, reason)
    await assert.rejects(call, reason)
    assert.equal(await context.eval('1'), 1)
  })

  it('is given up with its context, and its neighbours go on', async () => {
    const service = await hosting()
    const context = await service.createContext()
    await using neighbour = await service.createContext()
    const call = rejection(context.eval('host.sync.lookHeld()'), VmInvalidContextError)
    const { caller } = await nextHeld()
    await context.destroy()
    assert.equal(caller.signal.aborted, true)
    await call
    assert.equal(await neighbour.eval('1'), 1)
  })

  it('is of no use near the end of the stack, and leaks nothing there', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `const seen = new Set(); let good = 0
      function down() {
        try { if (host.sync.look('x').size === 1) good++ } catch (e) { seen.add(e instanceof Error ? e.name : 'foreign') }
        try { down() } catch (e) { seen.add(e instanceof RangeError ? 'RangeError' : 'foreign') }
      }
      function deep(n) { return n === 0 ? down() : deep(n - 1) }
      for (let n = 9000; n > 0; n -= 1500) { try { deep(n) } catch (e) { seen.add(e.name) } if (good > 3000) break }
      [...seen].filter((name) => name !== 'RangeError' && name !== 'Error')`
    assert.deepEqual(await context.eval(source, { timeout: 60_000 }), [])
    assert.equal(await context.eval("host.sync.look('x').size"), 1)
  })
})
