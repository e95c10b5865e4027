import { writeFile } from 'node:fs/promises'
import { VmService } from '../index.js'
import { BENCH_HELP, type BenchOptions, parseBench } from './bench-options.js'
import { time } from './latency.js'
import { LiveLine } from './live-line.js'
import { Load } from './load.js'
import { describeMachine, machineLine } from './machine.js'

/** Between two looks at how it goes, in ms. */
const LOOK = 250
/** Room for what is around a payload, in bytes. */
const AROUND_PAYLOAD = 1024
const { round, max } = Math

/** `vmring bench`. Resolves to the exit code. Throws `UsageError`. */
export async function bench(args: readonly string[]): Promise<number> {
  const options = parseBench(args)
  if (options === undefined) {
    process.stdout.write(BENCH_HELP)
    return 0
  }
  const stop = new AbortController()
  // Once: who asks twice doesn't want to wait.
  process.once('SIGINT', () => stop.abort())

  const load = await measure(options, stop.signal)
  const interrupted = stop.signal.aborted
  console.log(report(load, interrupted).join('\n'))
  if (options.json !== undefined) {
    const { source, json: _, ...shown } = options
    const document = {
      machine: describeMachine(),
      options: { ...shown, source: source.filename },
      interrupted,
      elapsed: load.elapsed,
      calls: load.latency.count,
      callsPerSecond: rate(load),
      latencyMs: load.latency.summary() ?? null,
      failures: Object.fromEntries(load.failures),
    }
    await writeFile(options.json, `${JSON.stringify(document, undefined, 2)}\n`)
  }
  const nothing = load.latency.count === 0 && !interrupted
  return load.failed > 0 || nothing ? 1 : 0
}

async function measure(options: BenchOptions, signal: AbortSignal): Promise<Load> {
  const { processes, contexts, concurrency, payload } = options
  const line = new LiveLine(process.stderr)
  line.show('starting')
  const service = await VmService.start({
    processes,
    // One that starts later would take part in what is measured.
    spares: 0,
    init: [options.source],
    maxQueue: max(10_000, concurrency),
    maxContexts: max(10_000, contexts),
    maxSourceSize: max(5 * 2 ** 20, payload + AROUND_PAYLOAD),
  })
  const load = new Load(service, options)
  const looking = setInterval(() => line.show(progressOf(load, options)), LOOK)
  try {
    await load.prepare()
    line.clear()
    console.log(head(options, service).join('\n'))
    if (!signal.aborted) await load.run(signal)
    return load
  } finally {
    clearInterval(looking)
    line.clear()
    await service.close({ force: true })
  }
}

function head(options: BenchOptions, service: VmService): string[] {
  const { processes, contexts, concurrency, payload } = options
  const busy = service.stats().slots.filter((slot) => slot.contexts > 0).length
  const what = [
    counted(processes, 'process', 'processes'),
    counted(contexts, 'context', 'contexts'),
    `${thousands(concurrency)} in flight`,
    ...(payload > 0 ? [counted(payload, 'byte', 'bytes')] : []),
  ]
  return [
    machineLine(describeMachine()),
    `${options.function} of ${options.source.filename}: ${what.join(', ')}`,
    ...(busy < processes ? [`There is a context in ${busy} of the ${processes} processes.`] : []),
  ]
}

function progressOf(load: Load, { duration }: BenchOptions): string {
  if (load.elapsed === 0) return 'starting, warming up'
  const { latency, failed, elapsed } = load
  return [
    `${elapsed.toFixed(1)} of ${duration} s`,
    `${thousands(rate(load))} calls/s`,
    `p50 ${time(latency.percentile(50))}`,
    `p99 ${time(latency.percentile(99))}`,
    ...(failed > 0 ? [`${thousands(failed)} failed`] : []),
  ].join(' · ')
}

function report(load: Load, interrupted: boolean): string[] {
  const { latency, elapsed, failed, failures } = load
  const calls = counted(latency.count, 'call', 'calls')
  const lines = [
    '',
    `${calls} in ${elapsed.toFixed(2)} s: ${thousands(rate(load))} calls/s${interrupted ? ', interrupted' : ''}`,
  ]
  const summary = latency.summary()
  if (summary) {
    const { count: _, ...times } = summary
    const rows = Object.entries(times).map(([name, ms]) => [name.padEnd(6), time(ms).padStart(9)])
    lines.push('', ...rows.map((row) => `  ${row.join('')}`), '', ...latency.draw())
  }
  if (failed > 0) lines.push('', `${counted(failed, 'call', 'calls')} failed`)
  for (const [code, { count, message }] of failures) {
    lines.push(`  ${code}  ${thousands(count)}  ${message}`)
  }
  return lines
}

function rate({ latency, elapsed }: Load): number {
  return elapsed > 0 ? latency.count / elapsed : 0
}

function thousands(value: number): string {
  return round(value).toLocaleString('en-US')
}

function counted(count: number, one: string, many: string): string {
  return `${thousands(count)} ${count === 1 ? one : many}`
}
