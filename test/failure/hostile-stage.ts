import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import {
  type ExitCause,
  type HostFunctions,
  type VmContext,
  VmProcessError,
  VmService,
} from 'vmring'
import { childPids } from '../support/children.js'
import { hostile } from '../support/hostile.js'
import { keyOn, next, pidOf } from '../support/slots.js'

const TIMEOUT = 200

export interface Stage {
  readonly service: () => VmService
  readonly newContext: () => Promise<VmContext>
  /** Asserts what the process is ended for; what its callers get is left to the caller. */
  readonly ends: (
    cause: ExitCause,
    provoke: (context: VmContext) => Promise<unknown>,
  ) => Promise<void>
}

/**
 * For the tests of one suite: a service of two hostile processes. One is left in peace, and must not
 * notice anything of what the other does.
 */
export function stage(functions: HostFunctions = {}): Stage {
  let service: VmService
  let neighbour: VmContext
  let neighbourPid: number
  let waiting: Promise<unknown>
  /** Processes of services that other files share. */
  let already: readonly number[]

  before(async () => {
    already = childPids()
    const options = { ...hostile('honest'), processes: 2, timeout: TIMEOUT, functions }
    service = await VmService.start(options)
    neighbour = await service.createContext({ key: keyOn('slot-1', 2) })
    neighbourPid = pidOf(service, 'slot-1')
    waiting = neighbour.eval('wait', { timeout: 60_000 })
  })

  after(async () => {
    assert.equal(await neighbour.eval('release'), 1)
    assert.equal(await waiting, 2)
    assert.equal(pidOf(service, 'slot-1'), neighbourPid)
    await service.close({ force: true })
    assert.deepEqual(childPids(), already)
  })

  async function newContext(): Promise<VmContext> {
    return await service.createContext({ key: keyOn('slot-0', 2), timeout: TIMEOUT })
  }

  async function ends(cause: ExitCause, provoke: (context: VmContext) => Promise<unknown>) {
    const context = await newContext()
    const exit = next(service, 'processExit')
    const provoked = provoke(context)
    const behind = context.eval('silence').then(
      () => assert.fail('answered'),
      (error: unknown) => error,
    )
    await provoked
    assert.equal((await exit).exit.cause, cause)
    assert.ok((await behind) instanceof VmProcessError)
    assert.equal(context.signal.aborted, true)
    assert.equal(await neighbour.eval('ok'), 1)
  }

  return { service: () => service, newContext, ends }
}
