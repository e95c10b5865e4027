import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmService, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { ELSEWHERE } from './support.js'

test('calls resumed along with one that loops then are answered all the same', async () => {
  await using service = await VmService.start({ processes: 1, spares: 0, killGrace: 30_000 })
  const looping = await service.createContext()
  const sound = await service.createContext()
  const cut = looping.eval(`(async () => { await ${ELSEWHERE}; for (;;); })()`, { timeout: 50 })
  const answer = sound.eval(`(async () => { await ${ELSEWHERE}; return 42 })()`, { timeout: 5000 })
  await rejection(cut, VmTimeoutError)
  assert.equal(await answer, 42)
})
