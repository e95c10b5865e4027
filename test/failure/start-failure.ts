import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type VmError,
  VmOptionError,
  VmProcessError,
  VmScriptError,
  type VmServiceOptions,
  VmTimeoutError,
} from 'vmring'
import { childPids } from '../support/children.js'
import { rejection } from '../support/outcomes.js'
import { type ErrorClass, type Fields, rejectsWith } from '../support/rejects.js'
import { Runtime } from '../support/runtimes.js'
import { startService } from '../support/service.js'

/** Asserts that a service does not start, and that nothing of it is left behind. */
async function fails<E extends VmError>(
  options: VmServiceOptions,
  Class: ErrorClass<E>,
  fields: Fields<E>,
): Promise<void> {
  const before = childPids()
  const all = { processes: 1, spares: 0, killGrace: 30_000, ...options }
  await rejectsWith(startService(all), Class, fields)
  assert.deepEqual(childPids(), before)
}

const good = { source: 'var good = 1' }

test('a start-up file that does not exist', () =>
  fails({ init: [good, { file: 'does/not/exist.js' }] }, VmOptionError, {
    option: 'options.init[1].file',
    message: /expected a readable file \(ENOENT.*\), got "does\/not\/exist\.js"/,
  }))

test('a start-up file that is a directory', () =>
  fails({ init: [{ file: '.' }] }, VmOptionError, {
    option: 'options.init[0].file',
    message: /EISDIR/,
  }))

test('a start-up source that throws an error', () =>
  fails(
    {
      init: [good, { source: "throw new RangeError('no')", filename: 'start.js' }],
      processes: 2,
      spares: 1,
    },
    VmScriptError,
    { message: 'RangeError: no', scriptName: 'RangeError', scriptStack: /start\.js:1/ },
  ))

test('a start-up source that calls what is not there', () =>
  fails({ init: [{ source: 'missing()' }] }, VmScriptError, {
    message: 'ReferenceError: missing is not defined',
  }))

test('a start-up source that throws something else', () =>
  fails({ init: [{ source: 'throw { code: 7 }' }] }, VmScriptError, { thrown: { code: 7 } }))

test('a start-up source with a syntax error', () =>
  fails({ init: [good, { source: 'var = 1' }] }, VmScriptError, {
    scriptName: 'SyntaxError',
    scriptStack: /vm:init\[1\]:1/,
  }))

test('a start-up source that loops for ever', () =>
  fails({ init: [{ source: 'while (true) {}' }], timeout: 100 }, VmTimeoutError, {
    timeout: 100,
    phase: 'run',
  }))

test('a start-up source whose microtasks never end', () =>
  fails(
    { init: [{ source: '(async () => { for (;;) await 0 })()' }], timeout: 100 },
    VmTimeoutError,
    { timeout: 100, phase: 'run' },
  ))

test('an executable that is no Node', () =>
  fails({ execPath: '/bin/sh' }, VmProcessError, { role: 'culprit' }))

async function failedStart(options: VmServiceOptions): Promise<VmProcessError> {
  const start = startService({ processes: 2, spares: 1, ...options })
  const error = await rejection(start, VmProcessError)
  assert.equal(error.role, 'culprit')
  assert.deepEqual(childPids(), [])
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
  const { exit, message } = await failedStart({ processes: 1, execArgv: ['--no-such-flag'] })
  assert.deepEqual(exit, { code: 9, signal: null, cause: 'crash' })
  assert.match(message, /no-such-flag/)
})
