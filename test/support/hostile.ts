import type { VmServiceOptions } from 'vmring'
import { LIFTED } from './permissions.js'

/** Options with which every process of a service is somebody else's; see `hostile-worker.ts`. */
export function hostile(start: string): VmServiceOptions {
  const program = new URL('./hostile-worker.js', import.meta.url)
  program.searchParams.set('start', start)
  return {
    // The walls would keep such a program out.
    sandbox: 'none',
    execArgv: [...LIFTED, '--import', program.href],
    processes: 1,
    spares: 0,
    killGrace: 100,
    // The next process of a slot is to be as bad as the last.
    probation: 0,
  }
}
