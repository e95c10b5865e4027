import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type EvalOptions, type VmContext, VmOverloadedError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { serviceForAll, startService } from '../support/service.js'
import { pidOf } from '../support/slots.js'

const boundedService = serviceForAll({ maxQueue: 3, maxContexts: 2 })

const BUSY = 'for (const end = Date.now() + 200; Date.now() < end; );'

test('calls past maxQueue are refused at once, the others are served', async () => {
  const service = await boundedService()
  await using context = await service.createContext()
  const calls = [context.eval(BUSY)]
  // What the process takes does not wait.
  while (service.stats().waiting < 3) calls.push(context.eval(`${calls.length}`))
  const error = await rejection(context.eval('0'), VmOverloadedError)
  assert.equal(error.of, 'queue')
  assert.equal(error.limit, 3)
  assert.deepEqual(
    await Promise.all(calls),
    calls.map((_, i) => (i === 0 ? undefined : i)),
  )
  assert.equal(await context.eval('"again"'), 'again')
})

test('whatever becomes of calls that wait, they make room', async () => {
  await using service = await startService({ maxQueue: 3, spares: 1 })
  /** Calls until one is refused. */
  const fill = async (
    context: VmContext,
    options: EvalOptions = {},
  ): Promise<Promise<unknown>[]> => {
    const calls: Promise<unknown>[] = []
    for (let refused: unknown; refused === undefined; ) {
      assert.ok(calls.length < 1000, 'none is refused')
      const call = context.eval('for (;;);', options)
      calls.push(call.catch(() => {}))
      refused = await Promise.race([call.catch((error) => error), setImmediate()])
      if (refused !== undefined) assert.ok(refused instanceof VmOverloadedError, `${refused}`)
    }
    assert.equal(service.stats().waiting, 3)
    assert.ok(calls.length > 3, 'all are refused')
    return calls
  }
  const [one, other] = [await service.createContext(), await service.createContext()]
  const controller = new AbortController()
  const aborted = await fill(one, { signal: controller.signal })
  controller.abort()
  await Promise.all(aborted)
  const dropped = await fill(one)
  await one.destroy()
  await Promise.all(dropped)
  const lost = await fill(other)
  process.kill(pidOf(service), 'SIGKILL')
  await Promise.all(lost)
  const again = await service.createContext()
  const closed = await fill(again)
  await service.close({ force: true })
  await Promise.all(closed)
})

test('without a queue, calls are taken while the process has room', async () => {
  await using service = await startService({ maxQueue: 0 })
  const context = await service.createContext()
  const outcomes = await Promise.allSettled(
    Array.from({ length: 1000 }, (_, i) => context.eval(`${i}`)),
  )
  const taken = outcomes.findIndex(({ status }) => status === 'rejected')
  assert.ok(taken > 0)
  outcomes.forEach((outcome, i) => {
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, i)
    else assert.ok(outcome.reason instanceof VmOverloadedError)
    assert.equal(outcome.status === 'fulfilled', i < taken)
  })
})

test('contexts past maxContexts are refused, those being made included', async () => {
  const service = await boundedService()
  const creations = [service.createContext(), service.createContext()]
  const error = await rejection(service.createContext(), VmOverloadedError)
  assert.equal(error.of, 'contexts')
  assert.equal(error.limit, 2)
  const [first] = await Promise.all(creations)
  await rejection(service.createContext(), VmOverloadedError)
  await first?.destroy()
  const third = await service.createContext()
  assert.equal(await third.eval('3'), 3)
})
