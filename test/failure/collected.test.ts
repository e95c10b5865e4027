import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type VmContext, VmInvalidContextError, VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { until } from '../support/processes.js'
import { serviceForAll } from '../support/service.js'
import { record } from '../support/slots.js'

const anyService = serviceForAll()
const PROMISE = 'new Promise((resolve) => { release = resolve })'

async function untilGone({ signal }: VmContext): Promise<void> {
  await until('the context is collected', () => signal.aborted)
}

test('a context that nobody uses is collected', async () => {
  const options = { processes: 1, spares: 0, contextIdleTimeout: 50 }
  await using service = await VmService.start(options)
  const collected = record(service, 'contextCollected')
  const context = await service.createContext()
  const kept = await service.createContext({ idleTimeout: Number.POSITIVE_INFINITY })
  await untilGone(context)
  assert.deepEqual(collected, [{ id: context.id, reason: 'idle' }])
  for (const call of [context.eval('1'), service.eval(context.id, '1')]) {
    assert.equal((await rejection(call, VmInvalidContextError)).reason, 'idle')
  }
  assert.equal(await kept.eval('1'), 1)
  assert.equal(service.stats().contexts, 1)
})

test('a pending call is use, however long it takes', async () => {
  const service = await anyService()
  const context = await service.createContext({ idleTimeout: 50 })
  const waiting = context.eval(PROMISE)
  const other = await service.createContext({ idleTimeout: 150 })
  await untilGone(other)
  assert.equal(context.signal.aborted, false)
  await context.eval('release("released")')
  assert.equal(await waiting, 'released')
  await untilGone(context)
  assert.equal(context.signal.reason.reason, 'idle')
})

test('a context is collected when its owner aborts, and its calls are told', async () => {
  const service = await anyService()
  const collected = record(service, 'contextCollected')
  const owner = new AbortController()
  const context = await service.createContext({ owner: owner.signal })
  await using other = await service.createContext({ owner: new AbortController().signal })
  const waiting = rejection(context.eval(PROMISE), VmInvalidContextError)
  assert.equal(await context.eval('1'), 1)
  owner.abort()
  assert.equal(context.signal.aborted, true)
  assert.equal((await waiting).reason, 'owner-gone')
  assert.deepEqual(collected, [{ id: context.id, reason: 'owner-gone' }])
  assert.equal(await other.eval('1'), 1)
})

test('a context is collected when its owner is garbage', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const service = await anyService()
  const collected = record(service, 'contextCollected')
  const keeper = { name: 'keeper' }
  await using kept = await service.createContext({ owner: keeper })
  const context = await service.createContext({ owner: { name: 'soon garbage' } })
  await until('the context is collected', () => {
    gc()
    return context.signal.aborted
  })
  assert.deepEqual(collected, [{ id: context.id, reason: 'owner-gone' }])
  assert.equal(await kept.eval('1'), 1)
  assert.equal(keeper.name, 'keeper')
})

test('the ID of a collected context may be used again', async () => {
  const service = await anyService()
  const owner = new AbortController()
  const first = await service.createContext({ id: 'a', owner: owner.signal })
  await first.eval('mark = 1')
  owner.abort()
  const second = await service.createContext({ id: 'a' })
  assert.equal(await second.eval('typeof mark'), 'undefined')
  await rejection(first.eval('1'), VmInvalidContextError)
})
