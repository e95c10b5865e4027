import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmService } from 'vmring'
import { children, until } from '../support/processes.js'
import { next, pidOf } from '../support/slots.js'

/** The processes that no slot holds. */
function spares(service: VmService): number[] {
  const held = service.stats().slots.map(({ pid }) => pid)
  return children().filter((pid) => !held.includes(pid))
}

async function untilSpare(service: VmService): Promise<number> {
  await until('there is a spare', () => service.stats().spares === 1)
  const [spare, ...more] = spares(service)
  assert.deepEqual(more, [])
  assert.ok(spare !== undefined)
  return spare
}

test('a slot whose process dies takes the warm spare, and another is started', async () => {
  await using service = await VmService.start({ processes: 1, spares: 1 })
  for (let generation = 2; generation < 5; generation++) {
    const spare = await untilSpare(service)
    const restart = next(service, 'processStart')
    process.kill(pidOf(service), 'SIGKILL')
    assert.deepEqual(await restart, { slot: 'slot-0', generation, pid: spare })
    assert.equal(pidOf(service), spare)
  }
})

test('a spare that dies while idle is replaced', async () => {
  await using service = await VmService.start({ processes: 1, spares: 1 })
  const first = await untilSpare(service)
  const pid = pidOf(service)
  process.kill(first, 'SIGKILL')
  await until('the spare is gone', () => !spares(service).includes(first))
  const second = await untilSpare(service)
  assert.notEqual(second, first)
  assert.equal(pidOf(service), pid)
  const restart = next(service, 'processStart')
  process.kill(pid, 'SIGKILL')
  assert.equal((await restart).pid, second)
})

test('a slot recovers when its process and the spare die together', async () => {
  await using service = await VmService.start({ processes: 1, spares: 1 })
  const dead = [await untilSpare(service), pidOf(service)]
  for (const pid of dead) process.kill(pid, 'SIGKILL')
  // The slot may take the spare before its death is known, and need a third.
  await until('the slot has a living process', () => {
    const { pid } = service.stats().slots[0] ?? {}
    return pid !== undefined && !dead.includes(pid)
  })
  const context = await service.createContext()
  assert.equal(await context.eval('1'), 1)
})
