import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { VmOptionError, VmProcessError, VmService } from 'vmring'
import { Sandbox } from '../../src/pool/sandbox.js'
import { childPids } from '../support/children.js'
import { insideWorker } from '../support/insider.js'
import { rejection } from '../support/outcomes.js'
import { LIFTED } from '../support/permissions.js'
import { isAlive, until } from '../support/processes.js'
import { Runtime } from '../support/runtimes.js'
import { next, pidOf } from '../support/slots.js'

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url))
const sandbox = new Sandbox({
  mode: 'auto',
  user: undefined,
  execPath: process.execPath,
  logger: pino({ level: 'silent' }),
})
await sandbox.prepare()
/** Where the project is checked it has to be there, or the wall would go untested unnoticed. */
const installed = sandbox.active || (process.platform === 'linux' && process.env.CI === 'true')

/** What is not inside, unless the package or the runtime is in it. */
const OUTSIDE = ['/etc', '/root', '/home', '/var', '/sys', '/run', '/srv', '/opt'].filter(
  (folder) => ![PACKAGE, process.execPath].some((path) => path.startsWith(`${folder}/`)),
)
/** The permission model would deny some of it first. */
const owned = { sandbox: 'bwrap', execArgv: LIFTED } as const

function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid)
}

if (installed) {
  interface Inside {
    readonly reads: readonly string[]
    readonly writes: readonly string[]
    readonly root: readonly string[]
    readonly pids: readonly number[]
    readonly signal: string
    readonly ids: readonly number[]
    readonly status: string
    readonly code: string
    readonly interfaces: readonly string[]
  }

  /** One worker, which every test of what it can reach looks at. */
  let inside: Inside
  let connections = 0

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmring-test-'))
    const server = createServer(() => connections++).listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const secret = join(folder, 'secret')
      writeFileSync(secret, 'hunter2')
      inside = await insideWorker<Inside>(
        `import fs from 'node:fs'
        import { connect } from 'node:net'
        import { networkInterfaces } from 'node:os'
        const codeOf = (fn) => { try { fn(); return 'done' } catch (error) { return error.code } }
        const reads = ${JSON.stringify([secret, ...OUTSIDE])}
        const writes = ['/x', '/nowhere/x', '/dev/shm/x', '/dev/x', '/usr/lib/x', process.execPath]
        const found = {
          reads: reads.map((path) => codeOf(() => fs.readdirSync(path))),
          writes: writes.map((path) => codeOf(() => fs.writeFileSync(path, 'x'))),
          root: fs.readdirSync('/'),
          pids: fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map(Number),
          signal: codeOf(() => process.kill(${process.pid}, 'SIGTERM')),
          ids: [process.getuid(), process.getgid()],
          status: fs.readFileSync('/proc/self/status', 'utf8'),
          interfaces: Object.keys(networkInterfaces()),
        }
        connect(${port}, '127.0.0.1')
          .on('connect', () => report({ ...found, code: 'connected' }))
          .on('error', ({ code }) => report({ ...found, code }))`,
        owned,
      )
    } finally {
      server.close()
      rmSync(folder, { recursive: true })
    }
  })

  test('an owned worker reads the runtime and its own program, and writes nothing', () => {
    assert.deepEqual(inside.reads, Array(OUTSIDE.length + 1).fill('ENOENT'))
    const mounted = ['EROFS', 'ENOENT', 'EROFS', 'EROFS', 'EROFS']
    assert.deepEqual(inside.writes.slice(0, 5), mounted)
    assert.match(inside.writes[5] as string, /^(EROFS|ETXTBSY|EACCES)$/)
    assert.deepEqual(
      inside.root.filter((name) => OUTSIDE.includes(`/${name}`)),
      [],
    )
  })

  test('an owned worker has no network, not even this machine`s', () => {
    assert.match(inside.code, /^(ECONNREFUSED|ENETUNREACH)$/)
    assert.ok(inside.interfaces.every((name) => name === 'lo'))
    assert.equal(connections, 0)
  })

  test('an owned worker sees and signals no process but those it started', () => {
    assert.deepEqual(inside.pids, [1, 2])
    assert.equal(inside.signal, 'ESRCH')
    assert.deepEqual(inside.ids, [65534, 65534])
    assert.match(inside.status, /^NoNewPrivs:\t1$/m)
    assert.match(inside.status, /^CapEff:\t0+$/m)
  })

  test('what an owned worker starts ends with it', async () => {
    const mark = `vmring-grandchild-${process.pid}`
    await insideWorker<{ pid: number }>(
      `import { spawn } from 'node:child_process'
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}'],
        { detached: true, stdio: 'ignore' })
      child.on('spawn', () => report({ pid: child.pid }))`,
      owned,
      async () => {
        await until('the grandchild runs', () => processesWith(`\0${mark}`).length > 0)
      },
    )
    await until('the grandchild is gone', () => processesWith(`\0${mark}`).length === 0)
  })

  test('a worker inside works as outside, is known by its own process ID, and dies by it', async () => {
    await using service = await VmService.start({ processes: 1, spares: 0, sandbox: 'bwrap' })
    const context = await service.createContext()
    assert.deepEqual(await context.eval('[1n, new Map([[1, 2]])]'), [1n, new Map([[1, 2]])])
    const pid = pidOf(service)
    assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /^\S*node\0/)
    const exited = next(service, 'processExit')
    process.kill(pid, 'SIGKILL')
    assert.deepEqual(await exited, {
      slot: 'slot-0',
      generation: 1,
      exit: { code: null, signal: 'SIGKILL', cause: 'killed' },
    })
    const again = await service.createContext()
    assert.equal(await again.eval('1 + 1'), 2)
    const crashed = next(service, 'processExit')
    await rejection(again.eval('"x".repeat(2 ** 28).split("")'), VmProcessError)
    const { exit } = await crashed
    assert.notEqual(exit.signal, 'SIGKILL')
    assert.equal(exit.cause, 'crash')
  })

  test('nothing is left of the processes around a worker', async () => {
    const before = childPids()
    const service = await VmService.start({ processes: 2, spares: 1, sandbox: 'bwrap' })
    const workers = service.stats().slots.map(({ pid }) => pid as number)
    await service.close()
    assert.deepEqual(childPids(), before)
    await until('the workers are gone', () => !workers.some(isAlive))
  })
}

/** Where bubblewrap is installed, it can still be unable to start the runtime. */
function broken(): Runtime {
  return new Runtime('exit 3')
}

test('a sandbox that is asked for and does not work is refused, with the reason', async () => {
  using runtime = broken()
  const before = childPids()
  const options = { processes: 1, sandbox: 'bwrap', execPath: runtime.execPath } as const
  const error = await rejection(VmService.start(options), VmOptionError)
  assert.equal(error.option, 'options.sandbox')
  assert.match(error.message, installed ? /execvp|bwrap/ : /not installed/)
  assert.deepEqual(childPids(), before)
})

test('what there is of a sandbox is logged once', async () => {
  const lines: { sandbox?: string }[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  await using service = await VmService.start({ processes: 1, spares: 1, logger })
  assert.equal(service.stats().state, 'open')
  const told = lines.filter(({ sandbox }) => sandbox !== undefined)
  assert.deepEqual(
    told.map(({ sandbox }) => sandbox),
    [installed ? 'bwrap' : 'none'],
  )
})
