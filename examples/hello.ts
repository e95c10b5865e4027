/** The API in twenty lines: a service, a context, a script, a call. */
import { VmScriptError, VmService } from 'vmring'

await using service = await VmService.start({ processes: 1, spares: 0 })
const context = await service.createContext({ key: 'tenant-42' })

await context.eval('function sum(a, b) { return a + b }')
console.log('sum(1, 1) =', await context.call('sum', [1, 1]))
console.log('Math.max(1, 7, 3) =', await context.call('Math.max', [1, 7, 3]))
console.log('awaited =', await context.eval('Promise.resolve(new Map([["day", new Date(0)]]))'))

await context.reset()
try {
  await context.call('sum', [1, 1])
} catch (error) {
  if (!(error instanceof VmScriptError)) throw error
  console.log('after a reset:', error.message)
}
await context.destroy()
