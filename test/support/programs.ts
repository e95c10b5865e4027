import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A folder of the package, so that a program finds `vmring` by its name. */
const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url))

const LONGEST_RUN = 60_000

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The values of `report`, in order. */
  readonly reports: readonly unknown[]
  readonly stderr: string
}

export interface Program {
  readonly child: ChildProcess
  /** Resolves to what the program reports first. */
  readonly firstReport: Promise<unknown>
  readonly end: Promise<ProgramEnd>
}

/**
 * Starts a module as a Node program of its own. It has `VmService`, and `report(value)`, which
 * hands a value to the test.
 */
export function startProgram(body: string): Program {
  const source = `
    import { VmService } from 'vmring'
    import { writeSync } from 'node:fs'
    const report = (value) => writeSync(1, JSON.stringify(value) + '\\n')
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: PACKAGE,
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that spins or never ends must not take the test with it.
    timeout: LONGEST_RUN,
    killSignal: 'SIGKILL',
  })
  const reports: unknown[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => reports.push(JSON.parse(line)))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const end = (async () => {
    const [code, signal] = await once(child, 'close')
    return { code, signal, reports, stderr }
  })()
  const firstReport = Promise.race([
    once(lines, 'line').then(() => reports[0]),
    end.then(({ code }) => Promise.reject(new Error(`ended with ${code}: ${stderr}`))),
  ])
  // Not every test waits for both.
  firstReport.catch(() => {})
  return { child, firstReport, end }
}

export async function runProgram(body: string): Promise<ProgramEnd> {
  return await startProgram(body).end
}
