import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { children, untilGone } from '../support/processes.js'

/** By hand, fifty. */
const ROUNDS = Number(process.env.VMRING_LIFELINE_ROUNDS ?? 1)
const CHILD = fileURLToPath(new URL('./lifeline-child.js', import.meta.url))

describe('a supervisor that is killed under load', () => {
  it(`leaves no process behind, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const supervisor = fork(CHILD, { execArgv: [] })
      await once(supervisor, 'message')
      const workers = children(supervisor.pid as number)
      assert.ok(workers.length >= 2, `${workers.length} workers`)
      const exited = once(supervisor, 'exit')
      supervisor.kill('SIGKILL')
      await exited
      // They would loop for ever.
      await untilGone(workers)
    }
  })
})
