import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Where a result comes from: figures of two machines, or of two loads, don't compare. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  /** Processes that wanted a core when the run began, averaged over a minute. */
  readonly load: number
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    load: loadavg()[0] ?? 0,
  }
}

export function machineLine(machine: Machine): string {
  const { cpu, cores, memoryGiB, platform, node, load } = machine
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, load ${load.toFixed(2)}`
}

/** Why figures of that moment are worth little; undefined when they may be fine. */
export function busyWarning({ cores, load }: Machine): string | undefined {
  if (load <= cores / 2) return undefined
  return `The machine was busy with something else (load ${load.toFixed(1)} on ${cores} cores): the figures are rough.`
}
