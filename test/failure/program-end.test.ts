import assert from 'node:assert/strict'
import { test } from 'node:test'
import { children, isAlive, untilGone } from '../support/processes.js'
import { runProgram, startProgram } from '../support/programs.js'
import { hollowWorker, Runtime } from '../support/runtimes.js'

/** Programs start services of one process by it; `spares` and the wall are up to them. */
const START = `const start = (options) =>
  VmService.start({ processes: 1, spares: 0, sandbox: 'none', ...options })
  const pidOf = (service) => service.stats().slots[0].pid`

test('a program that closes its service has no handle left, and ends by itself', async () => {
  const { code, signal, reports, stderr } = await runProgram(`
    // Opens the program's own pipe, so that it is not counted as one of the service.
    process.stdout
    const handles = () => process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq')
    await new Promise(setImmediate)
    report(handles())
    ${START}
    const service = await start({ spares: 1 })
    report([pidOf(service)])
    const context = await service.createContext()
    await context.eval('1')
    await service.close()
    await new Promise(setImmediate)
    report(handles())`)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  assert.deepEqual(reports[2], reports[0])
  assert.equal((reports[1] as number[]).some(isAlive), false)
})

test('a program that never closes its services ends when its calls are done', async () => {
  const { code, signal, reports, stderr } = await runProgram(`
    ${START}
    // The other is never called.
    const services = await Promise.all([start({ processes: 2 }), start()])
    report(services.flatMap((service) => service.stats().slots.map(({ pid }) => pid)))
    const context = await services[0].createContext({ idleTimeout: 60_000 })
    report(await context.eval('1 + 1'))
    context.eval('for (const end = Date.now() + 200; Date.now() < end; ); "done"').then(report)`)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  assert.deepEqual(reports.slice(1), [2, 'done'])
  await untilGone(reports[0] as number[])
})

test('a program whose processes died on it ends all the same, its services closed or not', async () => {
  using hollow = new Runtime(hollowWorker())
  const { code, signal, reports, stderr } = await runProgram(`
    ${START}
    const exitOf = (service) => new Promise((resolve) => service.once('processExit', resolve))
    const kill = (service) => process.kill(pidOf(service), 'SIGKILL')
    const loseCall = async (service) => {
      const context = await service.createContext()
      const call = context.eval('new Promise(() => {})')
      kill(service)
      await call.catch(({ code }) => report(code))
    }
    // Nothing is asked of the third.
    const hollow = { execPath: ${JSON.stringify(hollow.execPath)} }
    const services = await Promise.all([start(), start(), start(hollow), start()])
    const [closedAtOnce, closedLater, neverCalled, leftOpen] = services

    // No spare: the slot waits for a process that has only just been started.
    await loseCall(closedAtOnce)
    await closedAtOnce.close()
    report('closed at once')

    const exit = exitOf(closedLater)
    await loseCall(closedLater)
    await exit
    await closedLater.close()
    report('closed later')

    const gone = exitOf(neverCalled)
    const alive = setInterval(() => {}, 1000)
    kill(neverCalled)
    await gone
    clearInterval(alive)
    await neverCalled.close()
    report('closed, never called')

    await loseCall(leftOpen)`)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  const lost = 'ERR_VM_PROCESS'
  const closed = ['closed at once', 'closed later', 'closed, never called']
  assert.deepEqual(reports, [lost, closed[0], lost, closed[1], closed[2], lost])
})

test('a program killed with SIGKILL leaves no worker behind', async () => {
  const program = startProgram(`
    ${START}
    const service = await start({ spares: 1, sandbox: 'auto' })
    const context = await service.createContext()
    report(pidOf(service))
    await context.eval('new Promise(() => {})')`)
  await program.firstReport
  const workers = children(program.child.pid)
  assert.equal(workers.length, 2)
  program.child.kill('SIGKILL')
  assert.equal((await program.end).signal, 'SIGKILL')
  await untilGone(workers)
})

test('a listener that throws breaks no settlement', async () => {
  const { code, reports } = await runProgram(`
    const caught = []
    process.on('uncaughtException', ({ message }) => caught.push(message))
    ${START}
    const service = await start()
    const names = ['processStart', 'processExit', 'contextLost', 'contextCollected']
    for (const name of names) service.on(name, () => { throw new Error(name) })
    const contexts = await Promise.all([1, 2, 3].map(() => service.createContext()))
    const owner = new AbortController()
    const owned = await service.createContext({ owner: owner.signal })
    const calls = contexts.map((context) => context.eval('new Promise(() => {})'))
    const restart = new Promise((resolve) => service.prependListener('processStart', resolve))
    owner.abort()
    process.kill(pidOf(service), 'SIGKILL')
    const outcomes = await Promise.allSettled(calls)
    report(outcomes.map(({ reason }) => reason.code))
    const hold = setInterval(() => {}, 1000)
    await restart
    clearInterval(hold)
    const again = await service.createContext()
    report(await again.eval('1 + 1'))
    report(owned.signal.aborted)
    await service.close()
    report(caught.sort())`)
  assert.equal(code, 0)
  const lost = 'ERR_VM_PROCESS'
  const events = ['contextCollected', 'contextLost', 'processExit', 'processExit', 'processStart']
  assert.deepEqual(reports, [[lost, lost, lost], 2, true, events])
})
