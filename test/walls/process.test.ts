import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { VmOptionError, VmProcessError, VmService } from 'vmring'
import { insideWorker } from '../support/insider.js'
import { rejection } from '../support/outcomes.js'
import { LIFTED } from '../support/permissions.js'
import { record } from '../support/slots.js'

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url))

/** A descriptor far from the others. */
const INHERITED = 200

/** The wall of the process alone, without the operating system's. */
const sandbox = 'none'

/** Code for inside a worker: runs once the worker's program has done all that it does at first. */
function onceStarted(code: string): string {
  return `const watch = setInterval(() => {
    if (!Object.isFrozen(Object.prototype)) return
    clearInterval(watch)
    ${code}
  }, 5)`
}

describe('a worker', () => {
  it('has an empty environment, and nothing of the service`s folder', async () => {
    process.env.VMRING_TEST_SECRET = 'hunter2'
    const report = await insideWorker(`report([Object.keys(process.env), process.cwd()])`, {
      sandbox,
    })
    delete process.env.VMRING_TEST_SECRET
    assert.deepEqual(report, [[], '/'])
  })

  it('makes no code of strings in its own realm, while its contexts do', async () => {
    const makers = `[async () => {}, function* () {}, async function* () {}].map((each) => each.constructor)`
    const tries = `[eval, Function, ...${makers}, (text) => eval(text)].map((make) => {
      try { return make('1') && 'made' } catch (e) { return e.name }
    })`
    // From the first to the last: the flag that sees to it is set back when the realm is made.
    const watch = `const before = ${tries}
      ${onceStarted(`report([before, ${tries}])`)}`
    await insideWorker<string[][]>(watch, { sandbox }, async (report, service) => {
      assert.deepEqual(report, Array(2).fill(Array(6).fill('EvalError')))
      const context = await service.createContext()
      assert.deepEqual(await context.eval(tries), Array(6).fill('made'))
    })
  })

  it('takes its parts of Node from Node`s code cache', async () => {
    const code = `import { createRequire } from 'node:module'
      const { internalBinding } = createRequire('/')('internal/test/binding')
      const { getCacheUsage } = internalBinding('builtins')
      ${onceStarted(`report([...getCacheUsage().compiledWithCache])`)}`
    const cached = await insideWorker<string[]>(code, { sandbox })
    assert.ok(cached.includes('net') && cached.includes('internal/worker'), `${cached}`)
  })

  it('has frozen the built-ins of its own realm', async () => {
    const report = await insideWorker<Record<string, boolean>>(
      onceStarted(`
        const parts = { Object, Function, Array, Promise, Map, WeakMap, Uint8Array, RegExp, JSON, Reflect }
        report(Object.fromEntries(Object.entries(parts).map(([name, part]) =>
          [name, Object.isFrozen(part) && (!part.prototype || Object.isFrozen(part.prototype))])))`),
      { sandbox },
    )
    assert.ok(Object.keys(report).length === 10)
    for (const [name, frozen] of Object.entries(report)) assert.ok(frozen, name)
  })

  it('is reported with cause memory when its heap outruns the watchdog', async () => {
    await using service = await VmService.start({
      processes: 1,
      spares: 0,
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

test('where Node has a permission model that lets the watchdog work, the worker is under it', async () => {
  const report = await insideWorker<string[]>(
    `import { readFileSync, writeFileSync } from 'node:fs'
    import { spawnSync } from 'node:child_process'
    const codes = []
    for (const attempt of [
      () => readFileSync('/etc/passwd'),
      () => writeFileSync('/dev/null', ''),
      () => spawnSync('/bin/true'),
    ]) try { attempt(); codes.push('done') } catch (error) { codes.push(error.code) }
    report(codes)`,
    { sandbox },
  )
  const known = process.allowedNodeEnvironmentFlags.has('--allow-inspector')
  const denied = Array(3).fill('ERR_ACCESS_DENIED')
  if (known) assert.deepEqual(report, denied)
  else assert.equal(report[0], 'done')
})

test('a service that root starts can have its workers run as somebody else', async () => {
  const user = { uid: 65534, gid: 65534 }
  const options = { processes: 1, spares: 0, sandbox, user } as const
  if (process.getuid?.() !== 0) {
    const error = await rejection(VmService.start(options), VmOptionError)
    assert.equal(error.option, 'options.user')
    return
  }
  const ids = `report([process.getuid(), process.getgid(), process.getgroups()])`
  assert.deepEqual(await insideWorker(ids, options), [65534, 65534, [65534]])
})
