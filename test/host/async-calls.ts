import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VmInvalidContextError, VmScriptError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { hosting, nextHeld } from './service.js'

describe('a function of the host', () => {
  it('is called with values that travel, and what it gives is a promise', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    assert.equal(await context.eval('host.add(1, 2)'), 3)
    assert.equal(await context.eval('host.later(1) instanceof Promise'), true)
    const values = `[undefined, null, -0, NaN, 2n ** 70n, 'é\\ud800', new Date(5), /a/g, new Map([[1, { a: [2] }]]),
      new Set(['x']), new Uint8Array([1, 2]), new Float64Array([0.5])]`
    assert.deepEqual(await context.eval(`host.echo(...${values})`), [
      ...[undefined, null, -0, Number.NaN, 2n ** 70n, 'é\ud800', new Date(5), /a/g],
      ...[new Map([[1, { a: [2] }]]), new Set(['x']), new Uint8Array([1, 2])],
      new Float64Array([0.5]),
    ])
    const inside = `host.echo(...${values}).then((v) => [v[6] instanceof Date, v[8].get(1).a instanceof Array,
      Object.is(v[2], -0), v[4] === 2n ** 70n, v[10] instanceof Uint8Array])`
    assert.deepEqual(await context.eval(inside), [true, true, true, true, true])
  })

  it('takes its arguments as they are when it is called', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = 'const o = { a: [1] }; const p = host.echo(o); o.a.push(2); o.b = 3; p'
    assert.deepEqual(await context.eval(source), [{ a: [1] }])
  })

  it('knows whose script called it', async () => {
    const service = await hosting()
    await using context = await service.createContext({ key: 'tenant' })
    const { id } = context
    assert.deepEqual(await context.eval('host.who()'), { id, key: 'tenant', aborted: false })
    assert.deepEqual(await context.eval('host.sync.lookWho()'), { id, key: 'tenant' })
  })

  it('throws in the script an Error of its own, without stack or properties', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const caught = `host.refuse().catch((e) => [e instanceof TypeError, e.name, e.message, e.secret,
      String(e.stack).split('\\n').filter((line) => line.includes('/'))])`
    const expected = [true, 'TypeError', 'no such user', undefined, []]
    assert.deepEqual(await context.eval(caught), expected)
    const own =
      'host.throwOwn().catch((e) => [e instanceof Error, e.name, e.message, Object.keys(e)])'
    assert.deepEqual(await context.eval(own), [true, 'QuotaError', 'over quota', []])
    const text = 'host.throwText().catch((e) => [e instanceof Error, e.message])'
    assert.deepEqual(await context.eval(text), [true, 'only a text'])
    const trap = 'host.throwTrap().catch((e) => [e instanceof Error, e.message])'
    assert.deepEqual(await context.eval(trap), [true, ''])
  })

  it('leaves its error in the chain of what the script throws after it', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `host.refuse().catch((cause) => { throw new Error('could not greet', { cause }) })`
    const error = await rejection(context.eval(source), VmScriptError)
    assert.equal(error.message, 'Error: could not greet')
    assert.ok(error.cause instanceof TypeError)
    assert.equal(error.cause.message, 'no such user')
    assert.equal(Object.hasOwn(error.cause, 'secret'), false)
    // Uncaught, it is what the call rejects with.
    const bare = await rejection(context.eval('host.refuse()'), VmScriptError)
    assert.equal(bare.message, 'TypeError: no such user')
    assert.equal(bare.scriptName, 'TypeError')
  })

  it('that gives what cannot travel is an error that says where', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const caught = (name: string) =>
      context.eval(`host.${name}().catch((e) => [e.name, e.message])`)
    const [name, message] = (await caught('giveFunction')) as string[]
    assert.equal(name, 'DataCloneError')
    assert.match(message ?? '', /^host\.giveFunction: .*result\.f/)
    assert.match(((await caught('giveCycle')) as string[])[1] ?? '', /cycle/)
    assert.match(((await caught('giveMuch')) as string[])[1] ?? '', /5242880/)
    assert.equal(await context.eval('host.giveOnlyFunction()'), undefined)
    assert.deepEqual(await context.eval('host.giveInstance()'), { name: 'Ada' })
  })

  it('is not called with what cannot travel', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const cycle =
      'const c = []; c.push({ c }); host.echo(c).catch((e) => [e instanceof Error, e.name, e.message])'
    const [isOwn, name, message] = (await context.eval(cycle)) as string[]
    assert.deepEqual([isOwn, name], [true, 'DataCloneError'])
    assert.match(message ?? '', /cycle/)
    const trap = `host.echo({ get a() { throw new RangeError('mine') } }).catch((e) => [e instanceof RangeError, e.message])`
    assert.deepEqual(await context.eval(trap), [true, 'mine'])
    for (const large of [
      "'x'.repeat(2 ** 23)",
      "'x'.repeat(2 ** 22) + 'é'.repeat(2 ** 20)",
      '[new Uint8Array(2 ** 23)]',
    ]) {
      const refused = `host.echo(${large}).catch((e) => [e instanceof RangeError, e.message])`
      const [isRange, why] = (await context.eval(refused)) as string[]
      assert.equal(isRange, true)
      assert.match(why ?? '', /^host\.echo: arguments of \d+ bytes, where 5242880 may be sent$/)
    }
    assert.deepEqual(await context.eval('host.echo(() => 1, Symbol("s"))'), [null, null])
  })

  it('may call back into the context that waits for it', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await context.eval('let state = 1')
    assert.equal(
      await context.eval('host.callBack("++state").then((n) => [n, state])').then(String),
      '2,2',
    )
    const nested = `host.callBack("host.callBack('host.add(20, 22)')")`
    assert.equal(await context.eval(nested), 42)
  })

  it('that outlives its context is told, and its result goes nowhere', async () => {
    const service = await hosting()
    for (const end of ['destroy', 'reset'] as const) {
      const context = await service.createContext()
      const call = rejection(context.eval('host.hold()'), VmInvalidContextError)
      const { caller, release } = await nextHeld()
      assert.equal(caller.signal.aborted, false)
      await context[end]()
      assert.equal(caller.signal.aborted, true)
      await call
      release(1)
      if (end === 'reset') assert.equal(await context.eval('host.add(1, 1)'), 2)
    }
  })

  it('that was called and not waited for goes on when the call has ended', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    await context.eval('let got; host.hold().then((value) => { got = value; host.hold(value) }); 1')
    const first = await nextHeld()
    assert.equal(first.caller.signal.aborted, false)
    first.release('late')
    const second = await nextHeld()
    assert.deepEqual(second.args, ['late'])
    assert.equal(await context.eval('got'), 'late')
    second.release(undefined)
  })

  it('answers calls in the order they end, whatever the order they were made in', async () => {
    const service = await hosting()
    await using context = await service.createContext()
    const source = `const order = []
      Promise.all([1, 2, 3].map((n) => host.hold(n).then(() => order.push(n)))).then(() => order)`
    const call = context.eval(source)
    const holds = [await nextHeld(), await nextHeld(), await nextHeld()]
    for (const i of [1, 2, 0]) holds[i]?.release(undefined)
    assert.deepEqual(await call, [2, 3, 1])
  })
})
