import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExitCause, VmProcessError, VmService, VmTimeoutError } from 'vmring'
import { childPids } from '../support/children.js'
import { hostile } from '../support/hostile.js'
import { isAlive, untilGone } from '../support/processes.js'
import { rejectsWith } from '../support/rejects.js'

// What a process may do instead of starting. The service must not start, and nothing be left.

const causes: Record<string, ExitCause> = {
  'garbage for a hello': 'protocol',
  'another version': 'protocol',
  'a length over the cap': 'protocol',
  'a length under the header': 'protocol',
  'an event before the hello': 'protocol',
  'two hellos': 'protocol',
  'a hello of a call': 'protocol',
  'an early reply': 'protocol',
  'a closed socket': 'protocol',
  'a flood before the hello': 'protocol',
  'no answer to its init': 'protocol',
  'another answer to its init': 'protocol',
  'an exit at once': 'crash',
  'an exit after the hello': 'crash',
}

for (const [start, cause] of Object.entries(causes)) {
  test(`a start with ${start}`, async () => {
    const error = await rejectsWith(VmService.start(hostile(start)), VmProcessError)
    assert.equal(error.exit.cause, cause)
    assert.equal(error.role, 'culprit')
    assert.deepEqual(childPids(), [])
  })
}

for (const start of ['silent', 'a slow hello', 'a frame that never ends', 'prints for ever']) {
  test(`a start that takes too long: ${start}`, async () => {
    const starting = VmService.start({ ...hostile(start), startTimeout: 300 })
    const error = await rejectsWith(starting, VmProcessError)
    assert.deepEqual(error.exit, { code: null, signal: 'SIGKILL', cause: 'unresponsive' })
    assert.deepEqual(childPids(), [])
  })
}

test('a start that ends with the hello', async () => {
  const starting = VmService.start({ ...hostile('silent after the hello'), timeout: 100 })
  await rejectsWith(starting, VmTimeoutError, { timeout: 100, phase: 'run' })
  assert.deepEqual(childPids(), [])
})

test('a process that leaves a child with its descriptors behind', async () => {
  const starting = VmService.start(hostile('leaves a child behind'))
  const error = await rejectsWith(starting, VmProcessError, { message: /child \d+/ })
  assert.equal(error.exit.code, 3)
  assert.deepEqual(childPids(), [])
  // No child of the service's, and in a group of its own: out of its reach.
  const pid = Number(/child (\d+)/.exec(error.message)?.[1])
  assert.equal(isAlive(pid), true)
  process.kill(pid, 'SIGKILL')
  await untilGone([pid])
})
