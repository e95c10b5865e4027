/**
 * Six tenants share a ring of three processes. One loops for ever, one process is killed, one
 * owner goes away: the others go on rendering, and what was lost comes back where it was.
 * Exits with 0 when everything went as it says, with 1 otherwise.
 */
import { VmService } from 'vmring'
import { Checks, ExpectationError, timed } from './demo/check.js'
import { duration, line, styled, title } from './demo/print.js'
import { Story } from './demo/story.js'
import { commonInit, guest, tenants } from './demo/tenants.js'

const PROCESSES = 3
const SPARES = 1

async function main(): Promise<void> {
  const check = new Checks()
  const begin = performance.now()
  title('vmring', `six tenants on a ring of three processes and a spare, Node ${process.version}`)
  const { value: service, ms } = await timed(() =>
    VmService.start({ processes: PROCESSES, spares: SPARES, init: commonInit }),
  )
  try {
    const story = new Story(service, check)
    await story.moveIn([...tenants, guest], ms)
    await story.render()
    await story.loopForEver(guest.id, 200)
    await story.killProcess(guest.id)
    await story.collect()
    await story.restore()
    const { ms: closing } = await timed(() => service.close())
    story.allProcessesGone()
    line()
    const summary = `✓ all as described: ${check.passed} checks`
    const total = duration(performance.now() - begin)
    line(`${styled(['bold', 'green'], summary)}, ${total}, the last ${duration(closing)} to close`)
  } finally {
    await service.close({ force: true })
  }
}

try {
  await main()
} catch (error) {
  const why = error instanceof ExpectationError ? error.message : (error as Error).stack
  line()
  line(styled(['bold', 'red'], `✗ not as described: ${why}`))
  process.exitCode = 1
}
