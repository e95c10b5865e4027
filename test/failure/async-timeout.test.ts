import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmTimeoutError } from 'vmring'
import { rejection, rejections } from '../support/outcomes.js'
import { serviceForAll } from '../support/service.js'
import { pidOf } from '../support/slots.js'

const anyService = serviceForAll()

test('a promise that never settles is timed out, and its context works on', async () => {
  const service = await anyService()
  const context = await service.createContext()
  await context.eval('count = 1; function never() { return new Promise(() => {}) }')
  const pid = pidOf(service)
  const calls = [
    context.eval('new Promise(() => {})', { timeout: 50 }),
    context.call('never', [], { timeout: 50 }),
  ]
  for (const error of await rejections(calls, VmTimeoutError)) {
    assert.equal(error.phase, 'run')
    assert.equal(error.timeout, 50)
    assert.equal(error.contextSurvived, true)
  }
  assert.equal(await context.eval('++count'), 2)
  assert.equal(context.signal.aborted, false)
  assert.equal(pidOf(service), pid)
})

test('each of many awaiting calls has its own deadline', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const order: number[] = []
  const wait = async (timeout: number): Promise<void> => {
    const call = context.eval('new Promise(() => {})', { timeout })
    const error = await rejection(call, VmTimeoutError)
    order.push(error.timeout)
  }
  await Promise.all([250, 50, 150].map(wait))
  assert.deepEqual(order, [50, 150, 250])
})

test('what settles late is dropped', async () => {
  const service = await anyService()
  const context = await service.createContext()
  const source = 'new Promise((resolve, reject) => { late = resolve; fail = reject })'
  await rejection(context.eval(source, { timeout: 50 }), VmTimeoutError)
  assert.equal(await context.eval('late("late"); "own"'), 'own')
  await rejection(context.eval(source, { timeout: 50 }), VmTimeoutError)
  assert.equal(await context.eval('fail(new Error("late")); "own"'), 'own')
  assert.deepEqual(await Promise.all([context.eval('1'), context.eval('2')]), [1, 2])
  assert.equal(service.stats().inFlight, 0)
})
