import assert from 'node:assert/strict'
import test from 'node:test'
import type { VmError, VmService } from 'vmring'
import { untilBusy } from '../support/processes.js'
import { anyService, serviceForAll, startService, withService } from '../support/service.js'
import { pidOf } from '../support/slots.js'

const gracefulService = serviceForAll({ killGrace: 300 })

/**
 * Scripts that once cost their process, or a neighbour. Each may fail in its own way, but the
 * neighbour keeps its state and the process lives. What takes so much memory that others might
 * be ended for it is `large`, and gets a process of its own.
 */
const scripts: Record<
  string,
  { source: string; timeout?: number; code?: string; large?: boolean }
> = {
  'takes away JSON, then loops': {
    source: 'JSON = undefined; while (true) {}',
    timeout: 100,
    code: 'ERR_VM_TIMEOUT',
  },
  'makes an intrinsic loop, then loops': {
    source: 'Object.getOwnPropertyDescriptor = () => { for (;;); }; while (true) {}',
    timeout: 100,
    code: 'ERR_VM_TIMEOUT',
  },
  'has a very long name in what can not travel': {
    source: '({ ["x".repeat(8e6)]: new WeakMap() })',
    code: 'ERR_VM_SERIALIZATION',
    large: true,
  },
  'throws an error longer than memory': {
    source: `{
      const text = 'x'.repeat(2 ** 29 - 24)
      const error = new Error('a')
      Object.defineProperty(error, 'name', { value: text })
      Object.defineProperty(error, 'stack', { value: text })
      error.message = text
      throw error
    }`,
    code: 'ERR_VM_SCRIPT',
    large: true,
  },
  'returns a string longer than memory': {
    source: '"x".repeat(2 ** 29 - 24)',
    code: 'ERR_VM_SIZE',
    large: true,
  },
  'returns as many halves of pairs': {
    source: '"\\ud800".repeat(2 ** 29 - 24)',
    code: 'ERR_VM_SIZE',
    large: true,
  },
  'throws a proxy out of a getter of a promised result': {
    source: `Promise.resolve({
      get x() { throw new Proxy({}, { getPrototypeOf() { throw 1 } }) },
    })`,
    code: 'ERR_VM_SCRIPT',
  },
  'is large, and holds half a pair': {
    source: `//${'a'.repeat(4e6)}\ud800`,
    code: 'ERR_VM_SIZE',
  },
  'returns no bytes where bytes are expected': {
    source: `Object.getPrototypeOf(Uint8Array.prototype).subarray = () => ({}); ({ a: 1 })`,
    code: 'ERR_VM_SCRIPT',
  },
  'loops when an import() is refused': {
    source: 'import("x").catch(() => { for (;;); })',
    timeout: 100,
    code: 'ERR_VM_TIMEOUT',
  },
  'loops while a promised result is encoded': {
    source: 'Promise.resolve({ get a() { for (;;); } })',
    timeout: 100,
    code: 'ERR_VM_TIMEOUT',
  },
  'throws an error as long as errors get': {
    source: `{
      const error = new Error('€'.repeat(16384))
      error.stack = '€'.repeat(16384)
      error.data = new Uint8Array(5 * 2 ** 20 - 200)
      throw error
    }`,
    code: 'ERR_VM_SCRIPT',
  },
  'wants to be called when something is garbage': {
    source: 'new FinalizationRegistry(() => {})',
    code: 'ERR_VM_SCRIPT',
  },
  'wants to block the thread': {
    source: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    code: 'ERR_VM_SCRIPT',
  },
  'returns a set whose members collide': {
    source: '{ const s = new Set(); for (let i = 1n; i < 9000n; i++) s.add(i << 64n); s }',
    timeout: 30_000,
  },
}

/** Resolves to the code of the error that the script ended with. */
async function attack(service: VmService, source: string, timeout = 5000): Promise<unknown> {
  const attacker = await service.createContext()
  const neighbour = await service.createContext()
  await neighbour.eval('var state = 7')
  const outcome = await attacker.eval(source, { timeout }).then(
    () => undefined,
    (error: VmError) => error.code,
  )
  assert.equal(await neighbour.eval('state', { timeout: 5000 }), 7)
  assert.equal(service.stats().slots[0]?.generation, 1)
  return outcome
}

for (const [what, { source, timeout, code, large }] of Object.entries(scripts)) {
  test(`a script that ${what} costs nobody else`, async () => {
    let outcome: unknown
    const run = async (service: VmService): Promise<void> => {
      outcome = await attack(service, source, timeout)
    }
    await (large ? withService({}, run) : run(await anyService()))
    if (code) assert.equal(outcome, code)
  })
}

test('a service that was busy itself blames nobody', async () => {
  await using service = await startService({ killGrace: 100 })
  const context = await service.createContext()
  // In one tick, before the request has even left.
  const call = context.eval('for (const end = Date.now() + 30; Date.now() < end; ); 7', {
    timeout: 400,
  })
  for (const end = Date.now() + 550; Date.now() < end; );
  assert.equal(await call, 7)
})

test('what has no deadline is ended when nobody waits for it', async () => {
  const service = await anyService()
  const context = await service.createContext({ timeout: Number.POSITIVE_INFINITY })
  const neighbour = await service.createContext()
  const abort = new AbortController()
  const reason = new Error('enough')
  const call = context.eval('while (true) {}', { signal: abort.signal })
  // An answer of the neighbour's would have to wait for it.
  setImmediate(() => abort.abort(reason))
  await assert.rejects(call, reason)
  assert.equal(await neighbour.eval('1'), 1)
  assert.equal(await context.eval('2'), 2)

  const last = context.eval('while (true) {}').catch((error: VmError) => error.code)
  await new Promise((resolve) => setImmediate(resolve))
  await context.destroy()
  assert.equal(await last, 'ERR_VM_INVALID_CONTEXT')
  assert.equal(await neighbour.eval('1'), 1)
  assert.equal(service.stats().slots[0]?.generation, 1)
})

test('a call that is given up late has the whole grace to end', async () => {
  const service = await gracefulService()
  const context = await service.createContext()
  const abort = new AbortController()
  const call = context.eval('while (true) {}', { timeout: 60_000, signal: abort.signal })
  // Longer than the grace: the turn is old when it is given up.
  setTimeout(() => abort.abort(), 400)
  await assert.rejects(call, { name: 'AbortError' })
  assert.equal(await context.eval('1'), 1)
  assert.equal(service.stats().slots[0]?.generation, 1)
})

test('a context destroyed before its calls have begun takes nobody along', async () => {
  const service = await gracefulService()
  const neighbour = await service.createContext()
  for (let i = 0; i < 20; i++) {
    const context = await service.createContext({ timeout: Number.POSITIVE_INFINITY })
    const calls = [1, 2].map(() =>
      context.eval('while (true) {}').catch((error: VmError) => error.code),
    )
    if (i % 2 === 0) await new Promise((resolve) => setImmediate(resolve))
    const destroyed = context.destroy()
    assert.equal(await neighbour.eval(`${i}`), i)
    await destroyed
    assert.deepEqual(await Promise.all(calls), Array(2).fill('ERR_VM_INVALID_CONTEXT'))
  }
  assert.equal(service.stats().slots[0]?.generation, 1)
})

test('withdrawn while another call`s turn is cut, a call is answered once', async () => {
  const service = await anyService()
  const context = await service.createContext()
  await context.eval('const r = {}; const wait = (name) => new Promise((ok) => { r[name] = ok })')
  const abort = new AbortController()
  const withdrawn = context.call('wait', ['z'], { signal: abort.signal }).catch(() => 'withdrawn')
  const cut = context.call('wait', ['w']).catch((error: VmError) => error.code)
  // Its answer is proof that both wait.
  assert.equal(await context.eval('1'), 1)
  const turn = context.eval('r.z(1); r.w({ get x() { while (true) {} } }); 5', { timeout: 300 })
  await untilBusy(pidOf(service))
  abort.abort()
  assert.equal(await withdrawn, 'withdrawn')
  assert.equal(await turn, 5)
  assert.equal(await cut, 'ERR_VM_TIMEOUT')
  assert.equal(await context.eval('1'), 1)
  assert.equal(service.stats().slots[0]?.generation, 1)
})

test('a context given up while it was made is made anew for the next', async () => {
  const service = await anyService()
  const first = service.ensureContext({ id: 'same' }).catch((error: VmError) => error.code)
  const given = service.destroyContext('same')
  const next = service.ensureContext({ id: 'same' })
  assert.equal(await first, 'ERR_VM_INVALID_CONTEXT')
  await given
  assert.equal(await (await next).eval('1'), 1)
})
