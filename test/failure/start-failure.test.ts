import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  VmProcessError,
  VmScriptError,
  VmService,
  type VmServiceOptions,
  VmTimeoutError,
} from 'vmring'
import { rejection } from '../support/outcomes.js'
import { children } from '../support/processes.js'
import { Runtime } from '../support/runtimes.js'

async function failedStart(options: VmServiceOptions): Promise<VmProcessError> {
  const error = await rejection(VmService.start({ processes: 2, ...options }), VmProcessError)
  assert.deepEqual(children(), [])
  return error
}

test('a runtime that does not exist', async () => {
  const { exit, message } = await failedStart({ execPath: '/does/not/exist' })
  assert.deepEqual(exit, { code: null, signal: null, cause: 'crash' })
  assert.match(message, /ENOENT/)
})

test('a runtime that exits at once', async () => {
  using runtime = new Runtime('echo out of order >&2; exit 7')
  const { exit, message } = await failedStart({ execPath: runtime.execPath })
  assert.deepEqual(exit, { code: 7, signal: null, cause: 'crash' })
  assert.match(message, /out of order/)
})

test('a runtime that speaks no protocol', async () => {
  using runtime = new Runtime(`echo 'Welcome to the wrong program.' >&3; read never`)
  const { exit } = await failedStart({ execPath: runtime.execPath })
  assert.notEqual(exit.cause, 'unresponsive')
})

test('a runtime that speaks no protocol and stays', async () => {
  using runtime = new Runtime(`echo 'Welcome to the wrong program.' >&3; while :; do :; done`)
  const { exit } = await failedStart({ execPath: runtime.execPath })
  assert.deepEqual(exit, { code: null, signal: 'SIGKILL', cause: 'protocol' })
})

test('a flag that the runtime refuses', async () => {
  const { exit, message } = await failedStart({ execArgv: ['--no-such-flag'] })
  assert.deepEqual(exit, { code: 9, signal: null, cause: 'crash' })
  assert.match(message, /no-such-flag/)
})

test('a start-up source that throws', async () => {
  const init = [{ source: 'missing()' }]
  const error = await rejection(VmService.start({ processes: 2, init }), VmScriptError)
  assert.equal(error.message, 'ReferenceError: missing is not defined')
  assert.deepEqual(children(), [])
})

test('a start-up source that hangs', async () => {
  const init = [{ source: 'while (true) {}' }]
  const start = VmService.start({ processes: 1, init, timeout: 100 })
  const error = await rejection(start, VmTimeoutError)
  assert.equal(error.phase, 'run')
  assert.deepEqual(children(), [])
})
