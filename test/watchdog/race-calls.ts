import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type VmContext, VmTimeoutError } from 'vmring'
import { anyService } from '../support/service.js'
import { record } from '../support/slots.js'

/** By hand, tens of thousands. */
const TURNS = Number(process.env.VMRING_RACE_TURNS ?? 240)
const BATCH = 20

const RACER = `
  let turns = 0
  let seed = 1
  function spin(n) { turns++; for (let i = 0; i < n; i++) seed = Math.imul(seed, 48271) + i | 0 }
`
const INNOCENT = 'let ticks = 0; function tick() { return ++ticks }'

/** How a racing call ended; anything but these two is a failure. */
async function race(racer: VmContext, steps: number, timeout: number): Promise<'ended' | 'cut'> {
  try {
    await racer.call('spin', [steps], { timeout })
    return 'ended'
  } catch (error) {
    assert.ok(error instanceof VmTimeoutError, String(error))
    assert.deepEqual([error.phase, error.contextSurvived], ['run', true])
    return 'cut'
  }
}

describe('calls that end within microseconds of their deadlines', () => {
  it(`are cut or not, ${TURNS} times, and no call beside them ever is`, async () => {
    const service = await anyService()
    const exits = record(service, 'processExit')
    const racer = await service.createContext({ init: [{ source: RACER }] })
    const neighbour = await service.createContext({ init: [{ source: INNOCENT }] })
    const outcomes = { ended: 0, cut: 0 }
    // A staircase: calls grow while they end by themselves, shrink when they are cut, and so
    // stay about the deadline whatever the speed of the machine. The way there is made faster.
    const growth = [0, 1.1, 1.1, 1.1]
    const steps = [0, 100_000, 100_000, 100_000]
    let ticks = 0
    for (let done = 0; done < TURNS; done += BATCH) {
      const calls: Promise<unknown>[] = []
      for (let i = 0; i < BATCH; i++) {
        const timeout = 1 + (i % 3)
        const length = Math.round((steps[timeout] ?? 0) * (0.97 + Math.random() * 0.06))
        calls.push(
          race(racer, length, timeout).then((outcome) => {
            outcomes[outcome]++
            if (outcome === 'cut') growth[timeout] = 1.03
            const factor = outcome === 'ended' ? growth[timeout] : 0.97
            steps[timeout] = (steps[timeout] ?? 0) * (factor ?? 1)
          }),
        )
        const tick = ++ticks
        calls.push(
          neighbour.call('tick', [], { timeout: 60_000 }).then((n) => assert.equal(n, tick)),
        )
      }
      await Promise.all(calls)
    }
    // A turn may have been cut before it came to its first statement.
    const turns = await racer.eval<number>('turns')
    assert.ok(turns >= outcomes.ended && turns <= outcomes.ended + outcomes.cut, `${turns} turns`)
    assert.deepEqual(exits, [])
    const least = Math.min(outcomes.ended, outcomes.cut)
    assert.ok(least > 0, `no race: ${JSON.stringify(outcomes)}`)
  })

  it('are always cut when they would not end', async () => {
    const service = await anyService()
    const racer = await service.createContext({ init: [{ source: RACER }] })
    const neighbour = await service.createContext({ init: [{ source: INNOCENT }] })
    for (let i = 0; i < 10; i++) {
      const outcomes = Array.from({ length: 10 }, () => race(racer, Infinity, 1 + Math.random()))
      const tick = neighbour.call('tick', [], { timeout: 60_000 })
      assert.deepEqual(new Set(await Promise.all(outcomes)), new Set(['cut']))
      assert.equal(await tick, i + 1)
    }
  })
})
