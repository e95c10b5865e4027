import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'

/** In a program of its own, which can be ended should it spin. */
const program = `
  import { VmService } from ${JSON.stringify(import.meta.resolve('vmring'))}
  const service = await VmService.start({ processes: 1, spares: 0 })
  const context = await service.createContext()
  const call = context.eval('new Promise(() => {})')
  process.kill(service.stats().slots[0].pid, 'SIGKILL')
  await call.catch(() => {})
  // No spare: the slot waits for a process that has only just been started.
  await service.close()
  console.log('closed')
`

test('closes while a slot waits for its next process', async () => {
  const stdout = await new Promise((resolve, reject) => {
    const args = ['--input-type=module', '--eval', program]
    execFile(process.execPath, args, { timeout: 10_000, killSignal: 'SIGKILL' }, (error, out) =>
      error ? reject(error) : resolve(out),
    )
  })
  assert.equal(stdout, 'closed\n')
})
