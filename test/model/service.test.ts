import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { children } from '../support/processes.js'
import { commands } from './commands.js'
import { World } from './world.js'

const RUNS = 2
const COMMANDS = 40

test('whatever happens in whatever order, every call is answered once, by its own context', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commands, { maxCommands: COMMANDS, size: 'max' }),
      async (steps) => {
        const world = await World.start()
        try {
          await fc.asyncModelRun(() => ({ model: { tenants: 0 }, real: world }), steps)
          world.assertAtRest()
        } finally {
          await world.service.close()
        }
        assert.equal(world.service.stats().contexts, 0)
        assert.deepEqual(children(), [])
      },
    ),
    // A failing run is a slow one: the seed and the path are enough to go on from.
    { numRuns: RUNS, endOnFailure: true },
  )
})
