import assert from 'node:assert/strict'
import { test } from 'node:test'
import { children, isAlive, untilGone } from '../support/processes.js'
import { runProgram, startProgram } from '../support/programs.js'

const start = (spares: number) =>
  `const service = await VmService.start({ processes: 1, spares: ${spares} })`
const START = start(0)
const START_WITH_SPARE = start(1)
const PIDS = 'report(service.stats().slots.map(({ pid }) => pid))'

test('a program that closes its service has no handle left, and ends by itself', async () => {
  const { code, signal, reports, stderr } = await runProgram(`
    // Opens the program's own pipe, so that it is not counted as one of the service.
    process.stdout
    const handles = () => process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq')
    await new Promise(setImmediate)
    report(handles())
    ${START_WITH_SPARE}
    ${PIDS}
    const context = await service.createContext()
    await context.eval('1')
    await service.close()
    await new Promise(setImmediate)
    report(handles())`)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  assert.deepEqual(reports[2], reports[0])
  assert.equal((reports[1] as number[]).some(isAlive), false)
})

test('a program that never closes its service ends when its calls are done', async () => {
  const { code, signal, reports, stderr } = await runProgram(`
    ${START}
    ${PIDS}
    const context = await service.createContext({ idleTimeout: 60_000 })
    context.eval('for (const end = Date.now() + 200; Date.now() < end; ); "done"').then(report)`)
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  assert.equal(reports[1], 'done')
  await untilGone(reports[0] as number[])
})

test('a program without calls ends although its service is open', async () => {
  const { code, reports } = await runProgram(`${START}; ${PIDS}`)
  assert.equal(code, 0)
  await untilGone(reports[0] as number[])
})

test('a program whose process died on it ends all the same', async () => {
  const { code, signal, reports } = await runProgram(`
    ${START}
    const context = await service.createContext()
    const call = context.eval('new Promise(() => {})')
    for (const { pid } of service.stats().slots) process.kill(pid, 'SIGKILL')
    await call.catch(({ code }) => report(code))`)
  assert.deepEqual(
    { code, signal, reports },
    { code: 0, signal: null, reports: ['ERR_VM_PROCESS'] },
  )
})

test('a service closed while a successor starts lets its program end', async () => {
  const { code, signal, reports } = await runProgram(`
    ${START}
    const exit = new Promise((resolve) => service.once('processExit', resolve))
    const context = await service.createContext()
    const call = context.eval('new Promise(() => {})')
    process.kill(service.stats().slots[0].pid, 'SIGKILL')
    await call.catch(({ code }) => report(code))
    await exit
    await service.close()
    report('closed')`)
  assert.deepEqual(
    { code, signal, reports },
    { code: 0, signal: null, reports: ['ERR_VM_PROCESS', 'closed'] },
  )
})

test('a program killed with SIGKILL leaves no worker behind', async () => {
  const program = startProgram(`
    ${START_WITH_SPARE}
    const context = await service.createContext()
    ${PIDS}
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
    const names = ['processStart', 'processExit', 'contextLost', 'contextCollected']
    for (const name of names) service.on(name, () => { throw new Error(name) })
    const contexts = await Promise.all([1, 2, 3].map(() => service.createContext()))
    const owner = new AbortController()
    const owned = await service.createContext({ owner: owner.signal })
    const calls = contexts.map((context) => context.eval('new Promise(() => {})'))
    const restart = new Promise((resolve) => service.prependListener('processStart', resolve))
    owner.abort()
    process.kill(service.stats().slots[0].pid, 'SIGKILL')
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
