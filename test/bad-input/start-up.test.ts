import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type VmError,
  VmOptionError,
  VmProcessError,
  VmScriptError,
  VmService,
  type VmServiceOptions,
  VmTimeoutError,
} from 'vmring'
import { childPids } from '../support/children.js'
import { type ErrorClass, type Fields, rejectsWith } from '../support/rejects.js'
import { withAnyService } from '../support/service.js'

/** Asserts that a service does not start, and that nothing of it is left behind. */
async function fails<E extends VmError>(
  options: VmServiceOptions,
  Class: ErrorClass<E>,
  fields: Fields<E>,
): Promise<void> {
  const before = childPids()
  await rejectsWith(VmService.start({ processes: 2, spares: 1, ...options }), Class, fields)
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
    { init: [good, { source: "throw new RangeError('no')", filename: 'start.js' }] },
    VmScriptError,
    { message: 'RangeError: no', scriptName: 'RangeError', scriptStack: /start\.js:1/ },
  ))

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

test('an executable that does not exist', () =>
  fails({ execPath: '/does/not/exist' }, VmProcessError, {
    role: 'culprit',
    message: /ENOENT/,
  }))

test('an executable that is no Node', () =>
  fails({ execPath: '/bin/sh' }, VmProcessError, { role: 'culprit' }))

test('a flag that Node does not know', () =>
  fails({ execArgv: ['--no-such-flag'] }, VmProcessError, { message: /--no-such-flag/ }))

test("a context's own source that loops for ever is a timeout like any other", () =>
  withAnyService(async (service) => {
    const init = [{ source: 'while (true) {}' }]
    await rejectsWith(service.createContext({ id: 'a', init, timeout: 100 }), VmTimeoutError, {
      timeout: 100,
      phase: 'run',
    })
    assert.equal(service.stats().contexts, 0)
    // The ID is free again.
    await using context = await service.createContext({ id: 'a' })
    assert.equal(await context.eval('1'), 1)
  }))

test("a context's own file that does not exist", () =>
  withAnyService(async (service) => {
    const init = [good, { file: 'does/not/exist.js' }]
    await rejectsWith(service.createContext({ init }), VmOptionError, {
      option: 'options.init[1].file',
    })
    assert.equal(service.stats().contexts, 0)
  }))
