import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseBench } from '../../src/cli/bench-options.js'
import { Latency, time } from '../../src/cli/latency.js'

const CLI = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'vmring-cli-'))
after(() => rm(folder, { recursive: true }))

interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program; interrupts it once, when it has printed `interruptAfter`. */
async function vmring(args: readonly string[], interruptAfter?: string): Promise<Output> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    if (interruptAfter !== undefined && stdout.includes(interruptAfter)) {
      interruptAfter = undefined
      child.kill('SIGINT')
    }
  })
  const [code, signal] = await once(child, 'close')
  assert.equal(signal, null)
  return { code, stdout, stderr }
}

describe('vmring', () => {
  it('tells its version', async () => {
    const file = new URL('../../../package.json', import.meta.url)
    const { version } = JSON.parse(await readFile(file, 'utf8'))
    assert.deepEqual(await vmring(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('refuses what it does not know in one line, with exit code 2', async () => {
    const { code, stdout, stderr } = await vmring(['bench', '--processes', 'many'])
    assert.deepEqual([code, stdout], [2, ''])
    assert.equal(stderr, 'vmring: --processes: expected an integer from 1, got "many"\n')
  })
})

describe('vmring bench', () => {
  it("measures a user's function: times, failures by code, JSON, exit code", async () => {
    const source = join(folder, 'script.js')
    const json = join(folder, 'result.json')
    await writeFile(
      source,
      `let calls = 0
      function twice(n) { if (++calls % 2) throw new TypeError('odd'); return n * 2 }`,
    )
    const args = ['--processes', '1', '--contexts', '2', '--concurrency', '4', '--warmup', '0']
    const { code, stdout, stderr } = await vmring([
      ...['bench', ...args, '--duration', '0.2', '--json', json],
      ...['--source', source, '--function', 'twice', '--args', '[21]'],
    ])
    assert.deepEqual([code, stderr], [1, ''])
    assert.match(stdout, /twice of .*script\.js: 1 process, 2 contexts, 4 in flight/)
    assert.match(stdout, /calls\/s/)
    for (const name of ['p50', 'p90', 'p99', 'p99.9', 'max']) assert.ok(stdout.includes(name))
    assert.match(stdout, /ERR_VM_SCRIPT {2}[\d,]+ {2}TypeError: odd/)
    const result = JSON.parse(await readFile(json, 'utf8'))
    assert.ok(result.calls > 0)
    assert.equal(result.latencyMs.count, result.calls)
    assert.ok(result.failures.ERR_VM_SCRIPT.count > 0)
    assert.deepEqual(result.options.args, [21])
  })

  it('reports what it has when it is interrupted', async () => {
    const { code, stdout } = await vmring(
      ['bench', '--processes', '1', '--duration', '3600', '--payload', '100'],
      'mirror of built-in.js',
    )
    assert.equal(code, 0)
    assert.match(stdout, /100 bytes\n\n[\d,]+ calls? in .* s: .* calls\/s, interrupted/)
  })
})

describe('the options of vmring bench', () => {
  it('have defaults that fit each other', () => {
    const { function: called, args, payload } = parseBench([]) ?? {}
    assert.deepEqual([called, args, payload], ['add', [1, 2], 0])
    const carrying = parseBench(['--payload', '9'])
    assert.deepEqual([carrying?.function, carrying?.args], ['mirror', []])
    assert.equal(parseBench(['--help']), undefined)
  })

  for (const [args, message] of [
    [['--concurrency', '0'], /^--concurrency: expected an integer from 1, got "0"$/],
    [['--contexts', '1.5'], /^--contexts: expected an integer/],
    [['--duration', '0'], /^--duration: expected a number above 0, got "0"$/],
    [['--timeout', ''], /^--timeout: expected a number above 0, got ""$/],
    [['--args', '{}'], /^--args: expected a JSON array, got "{}"$/],
    [['--source', '/nowhere.js', '--function', 'f'], /^--source: ENOENT/],
    [['--source', 'script.js'], /^--function: expected/],
    [['--speed', '9'], /^Unknown option '--speed'$/],
    [['faster'], /^Unexpected argument 'faster'$/],
  ] as const) {
    it(`are checked: ${args.join(' ')}`, () => {
      assert.throws(() => parseBench(args), { message })
    })
  }
})

describe('latencies', () => {
  it('are told in percentiles and drawn', () => {
    const latency = new Latency()
    assert.equal(latency.summary(), undefined)
    for (let ms = 1; ms <= 1000; ms++) latency.record(ms)
    const summary = latency.summary()
    assert.equal(summary?.count, 1000)
    // HDR histograms are exact to three digits.
    for (const [name, ms] of Object.entries({ p50: 500, p90: 900, p99: 990, max: 1000 })) {
      const told = summary?.[name as 'p50'] ?? 0
      assert.ok(Math.abs(told / ms - 1) < 0.01, `${name}: ${told}`)
    }
    const lines = latency.draw()
    const shares = lines.map((line) => Number(/([\d.]+) %/.exec(line)?.[1]))
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 1)
  })

  it('are one class where all are the same', () => {
    const latency = new Latency()
    latency.record(5)
    latency.record(5)
    assert.equal(latency.draw().length, 1)
    assert.match(latency.draw()[0] ?? '', /100\.0 %/)
  })

  it('have the unit that fits', () => {
    assert.deepEqual([0.0123, 1.5, 120, 12_000].map(time), [
      '12.3 µs',
      '1.50 ms',
      '120 ms',
      '12.0 s',
    ])
  })
})
