import { type VmContext, VmService } from 'vmring'

/** A supervisor under load: every process it has is in an endless loop, but for the spare. */
const service = await VmService.start({ processes: 2, spares: 1, timeout: Infinity })
const busy = new Map<string, VmContext>()
while (busy.size < 2) {
  const context = await service.createContext()
  busy.set(context.slot, context)
}
for (const context of busy.values()) void context.eval('while (true) {}').catch(() => {})
// What was sent in this tick is written before the next one.
setImmediate(() => process.send?.('busy'))
