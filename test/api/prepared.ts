import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import {
  type VmError,
  VmScriptError,
  VmService,
  type VmServiceOptions,
  VmTimeoutError,
} from 'vmring'

// Contexts are made in advance, as many as come to be wanted at a time. Whatever their start-up
// sources do then is nobody's affair: they are run again for whoever asks for a context.

/** The budget of start-up sources is that of all calls, unless they say otherwise. */
const PATIENT = { timeout: 60_000 }

async function startOn(options: VmServiceOptions): Promise<VmService> {
  for (;;) {
    try {
      return await VmService.start({ processes: 1, spares: 0, sandbox: 'none', ...options })
    } catch (error) {
      assert.ok(error instanceof VmScriptError || error instanceof VmTimeoutError)
    }
  }
}

/** Asks for contexts, several at a time, and lets the process rest in between. */
async function burst(service: VmService, rounds: number): Promise<Map<unknown, number>> {
  const outcomes = new Map<unknown, number>()
  for (let round = 0; round < rounds; round++) {
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => service.createContext()))
    for (const result of made) {
      const isMade = result.status === 'fulfilled'
      const outcome = isMade ? 'made' : (result.reason as VmError).code
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (!isMade) continue
      assert.deepEqual(await result.value.eval('[++n, typeof secret]', PATIENT), [1, 'undefined'])
      await result.value.eval('globalThis.secret = 1', PATIENT)
      if (round % 2 === 0) await result.value.destroy()
    }
    await turnOfTheLoop()
  }
  return outcomes
}

for (const [name, source, code] of [
  ['throw', 'throw new Error("unlucky")', 'ERR_VM_SCRIPT'],
  ['never end', 'for (;;);', 'ERR_VM_TIMEOUT'],
] as const) {
  test(`start-up sources that ${name} now and then cost only whose context they are`, async () => {
    const init = [{ source: `let n = 0; if (Math.random() < 0.3) ${source}` }]
    await using service = await startOn({ init, timeout: 100 })
    const neighbour = service.createContext({ init: [{ source: 'let mine = 7' }], timeout: 30_000 })
    const kept = await neighbour.catch(() => undefined)
    const outcomes = await burst(service, 5)
    assert.equal((outcomes.get('made') ?? 0) + (outcomes.get(code) ?? 0), 40)
    assert.ok((outcomes.get(code) ?? 0) > 0)
    if (kept) assert.equal(await kept.eval('mine'), 7)
    assert.equal(service.stats().slots[0]?.generation, 1)
  })
}

test('a context whose own start-up sources are no program tells nothing of where it was made', async () => {
  await using service = await startOn({})
  for (let i = 0; i < 3; i++) {
    const error = await service.createContext({ init: [{ source: 'let 1x' }] }).catch((e) => e)
    assert.ok(error instanceof VmScriptError)
    assert.equal(error.scriptName, 'SyntaxError')
    assert.doesNotMatch(error.scriptStack ?? '', /node:|file:|worker/)
  }
})
