import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmClosedError, VmInvalidContextError } from 'vmring'
import { rejection, rejections } from '../support/outcomes.js'
import { children } from '../support/processes.js'
import { runProgram } from '../support/programs.js'
import { startService } from '../support/service.js'

/** What a program ends like that ends by itself, having reported so much. */
const ended = (...reports: unknown[]) => ({ code: 0, signal: null, reports, stderr: '' })

test('a program ends when its service is closed while a process is being replaced', async () => {
  const end = await runProgram(`
    const service = await VmService.start({ processes: 1, spares: 0 })
    const gone = new Promise((resolve) => service.once('processExit', resolve))
    const alive = setInterval(() => {}, 1000)
    process.kill(service.stats().slots[0].pid, 'SIGKILL')
    await gone
    clearInterval(alive)
    await service.close()
    report('closed')`)
  assert.deepEqual(end, ended('closed'))
})

test('a program ends by itself with a service that nobody closed', async () => {
  const end = await runProgram(`
    const service = await VmService.start({ processes: 2, spares: 0 })
    const context = await service.createContext()
    report(await context.eval('1 + 1'))`)
  assert.deepEqual(end, ended(2))
})

test('close lets calls finish, then ends every process', async () => {
  const service = await startService({ processes: 2 })
  const context = await service.createContext()
  const calls = [context.eval('for (const end = Date.now() + 100; Date.now() < end; ); "done"')]
  for (let i = 1; i < 300; i++) calls.push(context.eval('"done"'))
  await service.close()
  assert.deepEqual(await Promise.all(calls), Array(300).fill('done'))
  assert.deepEqual(children(), [])
})

test('close takes no further calls while it waits', async () => {
  const service = await startService()
  const context = await service.createContext({ id: 'a' })
  const call = context.eval('for (const end = Date.now() + 100; Date.now() < end; ); "done"')
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
  assert.equal(await call, 'done')
  await closing
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

test('every context is told, and afterwards every call is refused', async () => {
  const service = await startService({ spares: 1 })
  const context = await service.createContext({ id: 'a' })
  const early = context.signal
  let aborts = 0
  early.addEventListener('abort', () => aborts++)
  await service.close()
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

test('closing twice, and at the same time, is closing once', async () => {
  const service = await startService()
  const context = await service.createContext()
  const call = context.eval('for (const end = Date.now() + 100; Date.now() < end; ); "done"')
  await Promise.all([service.close(), service.close(), call])
  assert.equal(await call, 'done')
  await service.close()
  await service.close({ force: true })
  assert.deepEqual(children(), [])
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

test('closes while a slot waits for its next process', async () => {
  // In a program of its own, which can be ended should it spin.
  const end = await runProgram(`
    const service = await VmService.start({ processes: 1, spares: 0 })
    const context = await service.createContext()
    const call = context.eval('new Promise(() => {})')
    process.kill(service.stats().slots[0].pid, 'SIGKILL')
    await call.catch(() => {})
    // No spare: the slot waits for a process that has only just been started.
    await service.close()
    report('closed')`)
  assert.deepEqual(end, ended('closed'))
})
