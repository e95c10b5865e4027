import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { numberFrom, UsageError } from './usage.js'

export interface BenchOptions {
  readonly processes: number
  readonly contexts: number
  /** Calls in flight. */
  readonly concurrency: number
  /** Bytes of binary data that go along as the last argument; 0 for none. */
  readonly payload: number
  /** In seconds. */
  readonly duration: number
  /** In seconds. */
  readonly warmup: number
  /** In milliseconds. */
  readonly timeout: number
  readonly source: { readonly source: string; readonly filename: string }
  readonly function: string
  readonly args: readonly unknown[]
  /** Where the result is written as JSON. */
  readonly json: string | undefined
}

/** Enough that each process has some, whichever their keys are. */
const CONTEXTS_EACH = 8
/** Called when the user has no script: two numbers, or whatever comes, given back. */
const BUILT_IN = 'function add(a, b) { return a + b }\nfunction mirror(value) { return value }'

const OPTIONS = {
  processes: ['n', 'slots, one process each', String(availableParallelism())],
  contexts: ['n', 'contexts that take turns', '8 a process'],
  concurrency: ['n', 'calls in flight', '64'],
  payload: ['bytes', 'binary data as the last argument', 'none'],
  duration: ['s', 'how long to measure, in seconds', '10'],
  warmup: ['s', 'how long to call before that', '1'],
  timeout: ['ms', 'budget of one call', '5000'],
  source: ['file', 'script to run in each context', 'add and mirror'],
  function: ['name', 'what to call: a path such as reports.render', 'add, or mirror'],
  args: ['json', 'array of arguments', '[1, 2] for add'],
  json: ['file', 'write the result as JSON, too', ''],
} as const

type Name = keyof typeof OPTIONS

export const BENCH_HELP = `Usage: vmring bench [options]

Calls a function in contexts of a pool of processes, for a while, and says how many calls were
answered and how long they took. Ctrl-C ends it early; what was measured until then is shown.

${(Object.keys(OPTIONS) as Name[]).map(describe).join('\n')}
  -h, --help

Exits with 1 when a call failed, with 2 when an option is wrong.

  vmring bench --processes 2 --contexts 100
  vmring bench --payload 65536 --concurrency 8
  vmring bench --source report.js --function render --args '[{"rows": 50}]' --duration 30
`

function describe(name: Name): string {
  const [value, text, preset] = OPTIONS[name]
  return `  --${`${name} <${value}>`.padEnd(20)} ${text}${preset && ` (${preset})`}`
}

/** Undefined when help is what was asked for. Throws `UsageError`. */
export function parseBench(args: readonly string[]): BenchOptions | undefined {
  const given = parse(args)
  if (given === undefined) return undefined
  const read = <T>(name: Name, convert: (text: string, name: string) => T): T | undefined =>
    given[name] === undefined ? undefined : convert(given[name], name)

  const processes = read('processes', numberFrom(1, { whole: true })) ?? availableParallelism()
  const payload = read('payload', numberFrom(0, { whole: true })) ?? 0
  if (given.source !== undefined && given.function === undefined) {
    throw new UsageError('--function: expected, to say what of --source is called')
  }
  const builtIn = payload > 0 ? 'mirror' : 'add'
  const called = given.function ?? builtIn
  return {
    processes,
    contexts: read('contexts', numberFrom(1, { whole: true })) ?? CONTEXTS_EACH * processes,
    concurrency: read('concurrency', numberFrom(1, { whole: true })) ?? 64,
    payload,
    duration: read('duration', numberFrom(0, { above: true })) ?? 10,
    warmup: read('warmup', numberFrom(0)) ?? 1,
    timeout: read('timeout', numberFrom(0, { above: true })) ?? 5000,
    source: read('source', readSource) ?? { source: BUILT_IN, filename: 'built-in.js' },
    function: called,
    args: read('args', parseArray) ?? (called === 'add' && payload === 0 ? [1, 2] : []),
    json: given.json,
  }
}

function parse(args: readonly string[]): { [N in Name]?: string } | undefined {
  const options: ParseArgsConfig['options'] = { help: { type: 'boolean', short: 'h' } }
  for (const name of Object.keys(OPTIONS)) options[name] = { type: 'string' }
  try {
    const { values } = parseArgs({ args: [...args], options })
    return values.help ? undefined : (values as { [N in Name]?: string })
  } catch (error) {
    // Node goes on with advice after the first sentence.
    throw new UsageError((error as Error).message.split(/[.\n] ?/)[0], { cause: error })
  }
}

function readSource(file: string): BenchOptions['source'] {
  try {
    return { source: readFileSync(file, 'utf8'), filename: file }
  } catch (error) {
    throw new UsageError(`--source: ${(error as Error).message}`, { cause: error })
  }
}

function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value
  } catch {
    // Said below.
  }
  throw new UsageError(`--args: expected a JSON array, got ${JSON.stringify(text)}`)
}
