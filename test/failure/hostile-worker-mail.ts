import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { syncFunction, VmProcessError } from 'vmring'
import { rejectsWith } from '../support/rejects.js'
import { stage } from './hostile-stage.js'

// What a process claims that its scripts want of their host.

describe('a process that asks as it likes', () => {
  let calls = 0
  const never = () => new Promise(() => {})
  const { newContext, ends } = stage({ never, wait: syncFunction(never), count: () => calls++ })

  const broken = [
    'a host call of no function',
    'a host call of a call never issued',
    "a host call of another context's call",
    'a host call without waiting of one that waits',
    'more host calls than it may',
    'two questions at a time',
    'a question to a function that does not wait',
    'a question that is a reply',
    'a question that is garbage',
  ]
  for (const name of broken) {
    test(`a process that sends ${name}`, () =>
      ends('protocol', async (context) => {
        const error = await rejectsWith(context.eval(name), VmProcessError, { role: 'culprit' })
        assert.equal(error.exit.signal, 'SIGKILL')
      }))
  }

  test('arguments that are no list do not reach a function', async () => {
    const context = await newContext()
    assert.equal(await context.eval('arguments that are no list'), 1)
    assert.equal(calls, 0)
    await context.destroy()
  })
})
