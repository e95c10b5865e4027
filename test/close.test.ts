import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { VmClosedError, VmInvalidContextError, VmService } from 'vmring'
import { childPids } from './support/children.js'
import { rejectsWith } from './support/rejects.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a program that uses the library until it ends by itself, and returns what it prints. */
function run(program: string): string {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', `import { VmService } from 'vmring'\n${program}`],
    { cwd: ROOT, encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' },
  )
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' })
  return stdout
}

test('a program ends when its service is closed while a process is being replaced', () => {
  const stdout = run(`
    const service = await VmService.start({ processes: 1, spares: 0 })
    const gone = new Promise((resolve) => service.once('processExit', resolve))
    const alive = setInterval(() => {}, 1000)
    process.kill(service.stats().slots[0].pid, 'SIGKILL')
    await gone
    clearInterval(alive)
    await service.close()
    console.log('closed')
  `)
  assert.equal(stdout, 'closed\n')
})

test('a program ends by itself with a service that nobody closed', () => {
  const stdout = run(`
    const service = await VmService.start({ processes: 2 })
    const context = await service.createContext()
    console.log(await context.eval('1 + 1'))
  `)
  assert.equal(stdout, '2\n')
})

test('a closed service takes no calls, and closes only once', async () => {
  const before = childPids()
  const service = await VmService.start({ processes: 1, spares: 1 })
  const context = await service.createContext()
  await Promise.all([service.close(), service.close()])
  await service.close()
  assert.deepEqual(childPids(), before)
  assert.equal(service.stats().state, 'closed')
  await rejectsWith(service.createContext(), VmClosedError)
  await rejectsWith(service.ensureContext({ id: 'a' }), VmClosedError)
  await rejectsWith(context.eval('1'), VmClosedError)
  await rejectsWith(Promise.reject(context.signal.reason), VmInvalidContextError, {
    reason: 'service-closed',
  })
})

test('close lets calls finish, and force does not', async () => {
  for (const force of [false, true]) {
    const service = await VmService.start({ processes: 1, spares: 0 })
    const context = await service.createContext()
    const source = 'for (const end = Date.now() + 50; Date.now() < end; ); "done"'
    const call = context.eval(source)
    const outcome = force ? rejectsWith(call, VmClosedError) : call
    await service.close({ force })
    if (!force) assert.equal(await call, 'done')
    await outcome
  }
})
