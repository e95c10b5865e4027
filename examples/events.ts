/** What a service tells when a process dies and when an owner goes away. */
import { once } from 'node:events'
import { VmService } from 'vmring'

await using service = await VmService.start({ processes: 1, spares: 1 })

service.on('processExit', ({ slot, generation, exit }) => {
  console.log(`processExit: ${slot}, generation ${generation}: ${exit.cause}, ${exit.signal}`)
})
service.on('contextLost', ({ slot, contexts }) => {
  console.log(`contextLost: ${contexts.map(({ id, role }) => `${id} (${role})`)} on ${slot}`)
})
service.on('processStart', ({ slot, generation }) => {
  console.log(`processStart: ${slot}, generation ${generation}`)
})
service.on('contextCollected', ({ id, reason }) => {
  console.log(`contextCollected: ${id}: ${reason}`)
})

const context = await service.ensureContext({ id: 'tenant-42' })
context.signal.addEventListener('abort', () => {
  console.log(`the context's own signal: ${context.signal.reason.message}`)
})
// An idle service keeps no program alive; a call does, until it settles.
const call = context.eval('new Promise(() => {})')
process.kill(service.stats().slots[0]?.pid as number, 'SIGKILL')
await call.catch((error: Error) => console.log(`the call in flight: ${error.message}`))

const owner = new AbortController()
await service.ensureContext({ id: 'tenant-42', owner: owner.signal })
const collected = once(service, 'contextCollected')
owner.abort()
await collected

// The processes end with the service: that is a `processExit`, too.
console.log('closing')
