import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { CallOptions, VmContext, VmServiceEvents } from 'vmring'
import { serviceForAll } from '../support/service.js'
import { ABORT, failure, STUCK } from './support.js'

/** The budget is the culprit's alone: what is stuck uses up all of it, and the grace. */
const DEATHS: Readonly<Record<string, { source: string; budget: CallOptions }>> = {
  'crashes its process': { source: ABORT, budget: {} },
  'has its process killed': { source: STUCK, budget: { timeout: 200 } },
}

/** Whoever is not stuck has all the time that a busy machine may need. */
const sharedService = serviceForAll({ timeout: 30_000, killGrace: 100 })

/** Contexts of one process, whose first is the one to blame. */
async function withContexts(
  use: (contexts: [VmContext, VmContext, VmContext], lost: Promise<unknown>) => Promise<void>,
): Promise<void> {
  const service = await sharedService()
  const init = [{ source: 'let n = 0; function next() { return ++n }' }]
  const contexts: VmContext[] = []
  for (let i = 0; i < 3; i++) contexts.push(await service.createContext({ init }))
  const lost = once(service, 'contextLost').then(([event]) => {
    const report = event as VmServiceEvents['contextLost'][0]
    const ids = contexts.map(({ id }) => id)
    const roles = new Map(report.contexts.map(({ id, role }) => [id, role]))
    assert.deepEqual(
      ids.map((id) => roles.get(id)),
      ['culprit', 'collateral', 'collateral'],
    )
  })
  await use(contexts as [VmContext, VmContext, VmContext], lost)
}

describe('the context to blame', () => {
  for (const [name, { source, budget }] of Object.entries(DEATHS)) {
    it(`is right amid pipelined calls: it ${name}`, async () => {
      await withContexts(async ([culprit, ...others], lost) => {
        const before = others.flatMap((each) => [each.call('next'), each.call('next')])
        const death = failure(culprit.eval(source, budget))
        const after = others.map((each) => failure(each.call('next')))
        assert.deepEqual(await Promise.all(before), [1, 2, 1, 2])
        await death
        for (const error of await Promise.all(after)) {
          assert.equal((error as { role?: string }).role, 'collateral')
        }
        await lost
      })
    })

    it(`is right while others wait for promises: it ${name}`, async () => {
      await withContexts(async ([culprit, ...others], lost) => {
        const waiting = others.map((each) =>
          failure(each.eval('new Promise(() => {})', { timeout: Infinity })),
        )
        for (const each of others) assert.equal(await each.call('next'), 1)
        await failure(culprit.eval(source, budget))
        for (const error of await Promise.all(waiting)) {
          assert.equal((error as { role?: string }).role, 'collateral')
        }
        await lost
      })
    })

    it(`is right when it waited itself for a promise of its own: it ${name}`, async () => {
      await withContexts(async ([culprit, ...others], lost) => {
        await culprit.eval('let go; const gate = new Promise((resolve) => { go = resolve })')
        const waiting = failure(culprit.eval(`gate.then(() => { ${source} })`, budget))
        const opening = failure(culprit.eval('go()', budget))
        const after = others.map((each) => failure(each.call('next')))
        await Promise.all([waiting, opening, ...after])
        await lost
      })
    })
  }
})
