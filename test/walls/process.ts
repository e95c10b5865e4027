import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { VmOptionError, VmProcessError } from 'vmring'
import { insideWorker } from '../support/insider.js'
import { rejection } from '../support/outcomes.js'
import { LIFTED } from '../support/permissions.js'
import { startService } from '../support/service.js'
import { record } from '../support/slots.js'

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url))

/** A descriptor far from the others. */
const INHERITED = 200

/** The wall of the process alone, without the operating system's. */
const sandbox = 'none'

/** The same source in the worker's realm and in a context: every way to make code of strings. */
const MAKING_CODE = `[
  eval, Function, (text) => eval(text),
  ...[async () => {}, function* () {}, async function* () {}].map((each) => each.constructor),
].map((make) => {
  try { return make('1') && 'made' } catch (e) { return e.name }
})`

interface Inside {
  readonly env: readonly string[]
  readonly cwd: string
  /** At first, and when it has done all that it does at first. */
  readonly code: readonly (readonly string[])[]
  /** The parts of Node that it did not have to compile. */
  readonly cached: readonly string[]
  readonly attempts: readonly string[]
  /** The same of what it may do at first only; and whether Node can take that away. */
  readonly late: readonly string[]
  readonly canDrop: boolean
  readonly frozen: Readonly<Record<string, boolean>>
  /** What a context makes of the same. */
  codeOfContext: unknown
}

/** One worker, which every test of what it has looks at. */
let inside: Inside

before(async () => {
  process.env.VMRING_TEST_SECRET = 'hunter2'
  inside = await insideWorker<Inside>(
    `import { readFileSync, writeFileSync } from 'node:fs'
    import { spawnSync } from 'node:child_process'
    import { createRequire } from 'node:module'
    const env = Object.keys(process.env), cwd = process.cwd()
    const before = ${MAKING_CODE}
    const attempts = [
      () => readFileSync('/etc/passwd'),
      () => writeFileSync('/dev/null', ''),
      () => spawnSync('/bin/true'),
    ].map((attempt) => {
      try { attempt(); return 'done' } catch (error) { return error.code }
    })
    const settled = (emitter) => new Promise((resolve) => {
      emitter.on('error', (error) => resolve(error.code)).on('online', () => resolve('done'))
    })
    const later = [
      () => settled(process.getBuiltinModule('net').connect({ host: '127.0.0.1', port: 1 })),
      () => settled(new (process.getBuiltinModule('worker_threads').Worker)('', { eval: true })),
      () => {
        const session = new (process.getBuiltinModule('inspector').Session)()
        session.connect()
        session.disconnect()
        return 'done'
      },
    ]
    const canDrop = process.permission?.drop !== undefined
    const watch = setInterval(async () => {
      // The permissions are the last: when its watchdog is there.
      if (!Object.isFrozen(Object.prototype) || (canDrop && process.permission.has('worker'))) return
      clearInterval(watch)
      const late = await Promise.all(later.map(async (attempt) => {
        try { return await attempt() } catch (error) { return error.code }
      }))
      const parts = { Object, Function, Array, Promise, Map, WeakMap, Uint8Array, RegExp, JSON, Reflect }
      const frozen = Object.fromEntries(Object.entries(parts).map(([name, part]) =>
        [name, Object.isFrozen(part) && (!part.prototype || Object.isFrozen(part.prototype))]))
      const { internalBinding } = createRequire('/')('internal/test/binding')
      const cached = [...internalBinding('builtins').getCacheUsage().compiledWithCache]
      report({ env, cwd, code: [before, ${MAKING_CODE}], attempts, late, canDrop, frozen, cached })
    }, 5)`,
    { sandbox },
    async (report, service) => {
      const context = await service.createContext()
      report.codeOfContext = await context.eval(MAKING_CODE)
    },
  )
  delete process.env.VMRING_TEST_SECRET
})

describe('a worker', () => {
  it('has nothing of the service`s environment, nor of its folder', () => {
    assert.deepEqual([inside.env, inside.cwd], [['MALLOC_ARENA_MAX'], '/'])
  })

  it('makes no code of strings in its own realm, while its contexts do', () => {
    // From the first to the last: the flag that sees to it is set back when the realm is made.
    assert.deepEqual(inside.code, Array(2).fill(Array(6).fill('EvalError')))
    assert.deepEqual(inside.codeOfContext, Array(6).fill('made'))
  })

  it('takes its parts of Node from Node`s code cache', () => {
    const { cached } = inside
    assert.ok(cached.includes('internal/worker'), `${cached}`)
  })

  it('has frozen the built-ins of its own realm', () => {
    assert.ok(Object.keys(inside.frozen).length === 10)
    for (const [name, frozen] of Object.entries(inside.frozen)) assert.ok(frozen, name)
  })

  it('is reported with cause memory when its heap outruns the watchdog', async () => {
    await using service = await startService({
      sandbox,
      memoryLimit: 128 * 1024 * 1024,
      timeout: 30_000,
      killGrace: 30_000,
    })
    const exits = record(service, 'processExit')
    const context = await service.createContext()
    // One call into native code, which nothing ends but its own end.
    const error = await rejection(
      context.eval(`JSON.parse('[' + '[[],[]],'.repeat(5e6) + '0]')`),
      VmProcessError,
    )
    assert.equal(error.exit.cause, 'memory')
    assert.equal(error.role, 'culprit')
    assert.deepEqual(
      exits.map(({ exit }) => exit.cause),
      ['memory'],
    )
  })
})

test('descriptors that the service itself was given are closed in its workers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmring-test-'))
  try {
    const file = join(folder, 'secret')
    writeFileSync(file, 'hunter2')
    const code = `import { insideWorker } from ${JSON.stringify(import.meta.resolve('../support/insider.js'))}
      import { readlinkSync } from 'node:fs'
      const links = await insideWorker(\`
        import { readdirSync, readlinkSync } from 'node:fs'
        const links = () => readdirSync('/proc/self/fd').map((fd) => {
          try { return readlinkSync('/proc/self/fd/' + fd) } catch { return '' }
        })
        const before = links()
        const watch = setInterval(() => {
          const after = links()
          if (after.includes(\${JSON.stringify(${JSON.stringify(file)})})) return
          clearInterval(watch)
          report([before.includes(\${JSON.stringify(${JSON.stringify(file)})}), after])
        }, 5)\`, { sandbox: 'none', execArgv: ${JSON.stringify(LIFTED)} })
      console.log(JSON.stringify([readlinkSync('/proc/self/fd/${INHERITED}'), links]))`
    // Those up to 15 Node itself sees to; past a gap it sees none.
    const shell = `exec ${INHERITED}<"$0"; exec "$@"`
    const node = [process.execPath, '--input-type=module', '--eval', code]
    const program = spawn('bash', ['-c', shell, file, ...node], {
      cwd: PACKAGE,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    program.stdout?.on('data', (chunk) => {
      output += chunk
    })
    const [status] = await once(program, 'close')
    assert.equal(status, 0)
    const [own, [atFirst, later]] = JSON.parse(output)
    assert.equal(own, file)
    assert.equal(atFirst, true)
    assert.ok(!later.includes(file), 'the descriptor is still open in the worker')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('where Node has a permission model that lets the watchdog work, the worker is under it', () => {
  const known = process.allowedNodeEnvironmentFlags.has('--allow-inspector')
  const denied = Array(3).fill('ERR_ACCESS_DENIED')
  if (known) assert.deepEqual(inside.attempts, denied)
  else assert.equal(inside.attempts[0], 'done')
})

test('of what the worker is allowed for its beginning, nothing is left where Node can take it away', () => {
  // Before there is a permission for it, connections are nothing to be denied.
  const hasNet = process.allowedNodeEnvironmentFlags.has('--allow-net')
  const [connection, ...others] = inside.late
  for (const other of others) assert.equal(other, inside.canDrop ? 'ERR_ACCESS_DENIED' : 'done')
  if (hasNet) assert.equal(connection, 'ERR_ACCESS_DENIED')
  else assert.equal(connection, 'ECONNREFUSED')
})

test('nor is there in its watchdog', async () => {
  const left = await insideWorker<readonly string[]>(
    `import { isMainThread } from 'node:worker_threads'
    const { permission } = process
    const left = () => ['net', 'worker', 'inspector'].filter((scope) => permission.has(scope))
    const look = () => {
      if (permission?.drop && left().length > 0) return
      clearInterval(watch)
      report(permission?.drop ? left() : [])
    }
    const watch = isMainThread ? undefined : setInterval(look, 5)`,
    { sandbox },
  )
  assert.deepEqual(left, [])
})

test('a service that root starts can have its workers run as somebody else', async () => {
  const user = { uid: 65534, gid: 65534 }
  const options = { processes: 1, spares: 0, sandbox, user } as const
  if (process.getuid?.() !== 0) {
    const error = await rejection(startService(options), VmOptionError)
    assert.equal(error.option, 'options.user')
    return
  }
  const ids = `report([process.getuid(), process.getgid(), process.getgroups()])`
  assert.deepEqual(await insideWorker(ids, options), [65534, 65534, [65534]])
})
