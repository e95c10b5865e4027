import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { syncFunction, VmOverloadedError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { until } from '../support/processes.js'
import { withService } from '../support/service.js'
import { pidOf } from '../support/slots.js'

describe('a context with a process of its own', () => {
  it('holds up nobody else, and its process goes with it', async () => {
    let release = (_: unknown): void => {}
    let asked = (): void => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const look = () =>
      new Promise((resolve) => {
        release = resolve
        asked()
      })
    const functions = { look: syncFunction(look, { timeout: 60_000 }) }
    await withService({ functions }, async (service) => {
      const neighbour = await service.createContext()
      const context = await service.createContext({ key: 'slow', ownProcess: true })
      assert.notEqual(context.slot, neighbour.slot)
      const call = context.eval('host.sync.look()')
      await isAsked
      assert.equal(await neighbour.eval('1'), 1)
      // Equal keys share a slot.
      const second = service.createContext({ key: 'slow' })
      release(2)
      assert.equal(await call, 2)
      assert.equal((await second).slot, context.slot)
      assert.notEqual(pidOf(service, context.slot), pidOf(service, neighbour.slot))
      const error = await rejection(
        service.createContext({ key: 'other', ownProcess: true }),
        VmOverloadedError,
      )
      assert.deepEqual([error.of, error.limit], ['processes', 1])
      await context.destroy()
      await (await second).destroy()
      await until('its slot is gone', () => service.stats().slots.length === 1)
      await using next = await service.createContext({ key: 'other', ownProcess: true })
      assert.equal(await next.eval('1'), 1)
    })
  })
})
