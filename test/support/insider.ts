import { pino } from 'pino'
import { VmService, type VmServiceOptions } from 'vmring'

const LONGEST_WAIT = 60_000

/**
 * Runs code as a worker that is no longer ours would: in the worker's own realm, as a module ahead
 * of the worker's program. `report(value)` hands a value to the test; resolves with the first one.
 */
export async function insideWorker<T>(
  code: string,
  options: VmServiceOptions = {},
  during: (report: T, service: VmService) => Promise<void> = async () => {},
): Promise<T> {
  const module = `
    import { writeSync } from 'node:fs'
    const report = (value) => writeSync(1, 'REPORT ' + JSON.stringify(value) + '\\n')
    ${code}`
  let received: (report: T) => void
  const reported = new Promise<T>((resolve) => {
    received = resolve
  })
  let text = ''
  const logger = pino(
    { level: 'info' },
    {
      write(line: string) {
        text += `${JSON.parse(line).output ?? ''}\n`
        const found = /^REPORT (.*)$/m.exec(text)?.[1]
        if (found !== undefined) received(JSON.parse(found) as T)
      },
    },
  )
  const service = await VmService.start({
    processes: 1,
    spares: 0,
    sandbox: 'none',
    ...options,
    logger,
    execArgv: [
      ...(options.execArgv ?? []),
      '--import',
      `data:text/javascript,${encodeURIComponent(module)}`,
    ],
  })
  const timer = setTimeout(() => received({ silent: text } as T), LONGEST_WAIT)
  try {
    const report = await reported
    await during(report, service)
    return report
  } finally {
    clearTimeout(timer)
    await service.close({ force: true })
  }
}
