import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmClosedError, VmInvalidContextError } from 'vmring'
import { rejection, rejections } from '../support/outcomes.js'
import { children } from '../support/processes.js'
import { startService } from '../support/service.js'

test('close lets calls finish, takes no further ones meanwhile, then ends every process', async () => {
  const service = await startService({ processes: 2 })
  const context = await service.createContext({ id: 'a' })
  const calls = [context.eval('for (const end = Date.now() + 100; Date.now() < end; ); "done"')]
  for (let i = 1; i < 300; i++) calls.push(context.eval('"done"'))
  const closing = service.close()
  await rejections(
    [
      context.eval('1'),
      context.call('Math.max', []),
      context.reset(),
      context.destroy(),
      service.eval('a', '1'),
      service.createContext(),
      service.ensureContext({ id: 'a' }),
    ],
    VmClosedError,
  )
  assert.equal(service.stats().state, 'draining')
  assert.deepEqual(await Promise.all(calls), Array(300).fill('done'))
  await closing
  assert.deepEqual(children(), [])
})

test('what does not end within the timeout is ended', async () => {
  const service = await startService({ processes: 2 })
  const contexts = await Promise.all(Array.from({ length: 4 }, () => service.createContext()))
  const calls = contexts.flatMap((context) => [
    context.eval('new Promise(() => {})'),
    context.eval('while (true) {}'),
    context.eval('1'),
  ])
  const settled = rejections(calls.slice(1), VmClosedError)
  const first = rejection(calls[0] as Promise<unknown>, VmClosedError)
  await service.close({ timeout: 50 })
  await first
  await settled
  assert.deepEqual(children(), [])
})

test('force ends running calls at once', async () => {
  const service = await startService({ timeout: 60_000 })
  const context = await service.createContext()
  const busy = 'for (const end = Date.now() + 50; Date.now() < end; ); "done"'
  const calls = rejections(
    [context.eval('new Promise(() => {})'), context.eval(busy)],
    VmClosedError,
  )
  await service.close({ force: true, timeout: Number.POSITIVE_INFINITY })
  await calls
  assert.deepEqual(children(), [])
})

test('closing twice, and at the same time, is closing once: every context is told', async () => {
  const service = await startService({ spares: 1 })
  const context = await service.createContext({ id: 'a' })
  const call = context.eval('for (const end = Date.now() + 100; Date.now() < end; ); "done"')
  const early = context.signal
  let aborts = 0
  early.addEventListener('abort', () => aborts++)
  await Promise.all([service.close(), service.close(), call])
  assert.equal(await call, 'done')
  await service.close()
  await service.close({ force: true })
  assert.deepEqual(children(), [])
  assert.equal(aborts, 1)
  assert.ok(early.reason instanceof VmInvalidContextError)
  assert.equal(early.reason.reason, 'service-closed')
  assert.equal(service.stats().state, 'closed')
  assert.equal(service.stats().contexts, 0)
  await rejections(
    [context.eval('1'), context.call('f'), context.reset(), context.destroy()],
    VmClosedError,
  )
  const again = ['a', 'b'].map((id) => service.ensureContext({ id }))
  await rejections([service.createContext(), ...again], VmClosedError)
})

test('a second close with force does not wait for the first', async () => {
  const service = await startService({ timeout: 60_000 })
  const context = await service.createContext()
  const call = rejection(context.eval('new Promise(() => {})'), VmClosedError)
  const patient = service.close({ timeout: Number.POSITIVE_INFINITY })
  await service.close({ force: true })
  await patient
  await call
  assert.deepEqual(children(), [])
})

test('await using closes at the end of the block', async () => {
  let call: Promise<unknown>
  {
    await using service = await startService()
    const context = await service.createContext()
    call = context.eval('for (const end = Date.now() + 50; Date.now() < end; ); "done"')
  }
  assert.equal(await call, 'done')
  assert.deepEqual(children(), [])
})
