import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { VmProcessError, VmSerializationError, VmTimeoutError } from 'vmring'
import { tagged } from '../support/bytes.js'
import { isAlive, untilGone } from '../support/processes.js'
import { rejectsWith } from '../support/rejects.js'
import { next, pidOf } from '../support/slots.js'
import { stage } from './hostile-stage.js'

// A process that somebody else owns answers as it likes. It costs its own callers a typed error,
// and itself its life; the service goes on, and a neighbour in another process notices nothing.

describe('a process that answers as it likes', () => {
  const { service, newContext, ends } = stage()

  const broken = [
    'garbage',
    'a call never issued',
    'a call answered before',
    'another context',
    'an unknown opcode',
    'a request for a reply',
    'bytes after the fields',
    'a size that is none',
    'a negative size',
    'a second wait',
    'an event of a call',
    'the end of no turn aside',
  ]

  for (const name of broken) {
    test(`a process that answers with ${name}`, () =>
      ends('protocol', async (context) => {
        const error = await rejectsWith(context.eval(name), VmProcessError, { role: 'culprit' })
        assert.equal(error.exit.signal, 'SIGKILL')
      }))
  }

  test('a process that answers twice', () =>
    ends('protocol', async (context) => assert.equal(await context.eval('two replies'), 1)))

  for (const name of ['exit', 'half a frame, and an exit']) {
    test(`a process whose answer is ${name}`, () =>
      ends('crash', (context) =>
        rejectsWith(context.eval(name), VmProcessError, { role: 'culprit' }),
      ))
  }

  test('a process whose child outlives it, with its descriptors', async () => {
    const context = await newContext()
    const exit = next(service(), 'processExit')
    const pid = await context.eval<number>('leaves a child behind')
    assert.equal((await exit).exit.code, 3)
    assert.equal(isAlive(pid), true)
    process.kill(pid, 'SIGKILL')
    await untilGone([pid])
  })

  const bombs: Record<string, Uint8Array> = {
    nothing: Buffer.alloc(0),
    'nesting without end': Buffer.alloc(20_000, 0x91),
    'a list of four thousand millions': Buffer.from('ddffffffff', 'hex'),
    'a map of four thousand millions': Buffer.from('dfffffffff', 'hex'),
    'a reference to itself': Buffer.from('d66900000001 91 d67000000001'.replaceAll(' ', ''), 'hex'),
    'a record': Buffer.from('d4724091a16101', 'hex'),
    'bundled strings that lead back': Buffer.from('d662fffffff0a161', 'hex'),
    'an unknown tag': tagged(99, 'c0'),
    'a regular expression that is none': tagged(4, '92 a128 a0'),
    'a big integer that is none': tagged(10, 'a27a7a'),
  }

  test('what is no value is an error of its call, and of that alone', async () => {
    const context = await newContext()
    const pid = pidOf(service())
    for (const [name, bomb] of Object.entries(bombs)) {
      const call = context.eval(`value: ${Buffer.from(bomb).toString('hex')}`)
      await rejectsWith(call, VmSerializationError, { path: 'result' })
      assert.equal(await context.eval('ok'), 1, name)
    }
    assert.equal(pidOf(service()), pid)
    await context.destroy()
  })

  test('calls keep to their time whatever their process does instead', async () => {
    for (const name of ['silence', 'reads no more', 'one byte at a time', 'turns aside for ever']) {
      await ends('unresponsive', (context) =>
        rejectsWith(context.eval(name), VmTimeoutError, { phase: 'run', contextSurvived: false }),
      )
    }
  })
})
