import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExitCause, VmProcessError, VmService, VmTimeoutError } from 'vmring'
import { Op, PROTOCOL_VERSION } from '../../src/wire/protocol.js'
import { frame, HELLO } from '../support/channel.js'
import { childPids } from '../support/children.js'
import { hostile } from '../support/hostile.js'
import { isAlive, untilGone } from '../support/processes.js'
import { rejectsWith } from '../support/rejects.js'
import { AWAIT_REQUEST, Runtime, saying } from '../support/runtimes.js'
import { startService } from '../support/service.js'

// What a process may do instead of starting. The service must not start, and nothing be left.

const hello = (version: number) => frame(0, 0, { op: Op.hello, version, pid: 1 })
const ok = { op: Op.ok, value: undefined } as const

/** A header that announces so many bytes after it. */
function header(length: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(length)
  head[4] = Op.hello
  return head
}

/** Each as a shell's commands: no more than these is needed of a process that gets no further. */
const starts: Record<string, [cause: ExitCause, commands: readonly string[]]> = {
  'garbage for a hello': ['protocol', [saying(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))]],
  'another version': ['protocol', [saying(hello(PROTOCOL_VERSION + 1))]],
  'a length over the cap': ['protocol', [saying(header(0xffff_ffff))]],
  'a length under the header': ['protocol', [saying(header(8))]],
  'an event before the hello': [
    'protocol',
    [saying(frame(0, 0, { op: Op.pressure, on: true, rss: 1 }))],
  ],
  'two hellos': ['protocol', [saying(HELLO, HELLO)]],
  'a hello of a call': [
    'protocol',
    [saying(frame(1, 1, { op: Op.hello, version: PROTOCOL_VERSION, pid: 1 }))],
  ],
  'an early reply': ['protocol', [saying(HELLO, frame(1, 0, ok))]],
  'a closed socket': ['protocol', ['exec 3>&-']],
  'a flood before the hello': ['protocol', ['exec /bin/cat /dev/zero >&3']],
  'no answer to its init': [
    'protocol',
    [saying(HELLO), AWAIT_REQUEST, saying(frame(1, 0, { op: Op.suspended }))],
  ],
  'another answer to its init': [
    'protocol',
    [saying(HELLO), AWAIT_REQUEST, saying(frame(1, 0, { op: Op.invalid, known: false }))],
  ],
  'an exit at once': ['crash', ['exit 3']],
  'an exit after the hello': ['crash', [saying(HELLO), 'exit 3']],
  silent: ['unresponsive', []],
  'a slow hello': [
    'unresponsive',
    Array.from(HELLO, (byte) => `${saying(Buffer.of(byte))}; /bin/sleep 0.05`),
  ],
  'a frame that never ends': ['unresponsive', [saying(header(1024 * 1024), Buffer.alloc(1000))]],
  'prints for ever': ['unresponsive', ['exec /bin/cat /dev/zero']],
  'silent after the hello': ['unresponsive', [saying(HELLO)]],
}

/** A runtime that does as it is told, and then nothing: only a signal ends it, and not every one. */
function runtime(name: string): Runtime {
  const [, commands = []] = starts[name] ?? []
  return new Runtime(["trap '' TERM", ...commands, 'exec /bin/sleep 60'].join('\n'))
}

for (const [name, [cause]] of Object.entries(starts)) {
  if (cause === 'unresponsive') continue
  test(`a start with ${name}`, async () => {
    using hostile = runtime(name)
    const starting = startService({ execPath: hostile.execPath })
    const error = await rejectsWith(starting, VmProcessError)
    assert.equal(error.exit.cause, cause)
    assert.equal(error.role, 'culprit')
    assert.deepEqual(childPids(), [])
  })
}

for (const name of ['silent', 'a slow hello', 'a frame that never ends', 'prints for ever']) {
  test(`a start that takes too long: ${name}`, async () => {
    using hostile = runtime(name)
    const starting = startService({ execPath: hostile.execPath, startTimeout: 300 })
    const error = await rejectsWith(starting, VmProcessError)
    assert.deepEqual(error.exit, { code: null, signal: 'SIGKILL', cause: 'unresponsive' })
    assert.deepEqual(childPids(), [])
  })
}

test('a start that ends with the hello', async () => {
  using hostile = runtime('silent after the hello')
  const starting = startService({ execPath: hostile.execPath, timeout: 100, killGrace: 100 })
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
