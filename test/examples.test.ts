import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ESCAPE = '\u001b'

interface Run {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** Runs a compiled example to its end. */
function run(name: string, execArgv: readonly string[] = []): Promise<Run> {
  const file = fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [...execArgv, file], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr })
    })
  })
}

/** One run of it, which every test of what it prints looks at. */
const demo = run('demo')

test('the demonstration goes as it says', async () => {
  const { code, stdout, stderr } = await demo
  assert.equal(code, 0, stdout + stderr)
  assert.equal(stderr, '')
  assert.match(stdout, /│ Jupiter +1898 × 10²⁴ kg +142984 km across/)
  assert.match(stdout, /│ Africa +3 rivers of 15550 km together/)
  assert.match(stdout, /│ Voyager 2 +left on 20 August 1977 +4388 days to Neptune/)
  assert.match(stdout, /│ <h1>ECMAScript, edition by edition<\/h1>/)
  assert.match(stdout, /│ 2026-0118 +Lindgren & Daughters +net +317\.77 +VAT +79\.44/)
  assert.match(stdout, /stopped +VmTimeoutError/)
  assert.match(stdout, /8 calls in flight: VmProcessError, cause killed, signal SIGKILL/)
  assert.match(stdout, /a call to it +VmInvalidContextError, reason owner-gone/)
  assert.match(stdout, /back on slot-\d, generation 2/)
  assert.match(stdout, /✓ all as described: \d+ checks/)
})

test('the demonstration fits a terminal, and is plain text when there is none', async () => {
  const { stdout } = await demo
  const lines = stdout.trimEnd().split('\n')
  assert.ok(lines.length <= 80, `${lines.length} lines`)
  for (const line of lines) assert.ok([...line].length <= 100, line)
  assert.ok(!stdout.includes(ESCAPE))
})

test('the demonstration fails when something does not go as it says', async () => {
  // The process that should be killed is left alone.
  const { code, stdout } = await run('demo', [
    '--import',
    'data:text/javascript,process.kill=()=>1',
  ])
  assert.equal(code, 1)
  assert.match(stdout, /✗ not as described: the call rejects with VmProcessError; got: a result/)
})

test('the hello example shows the API', async () => {
  const { code, stdout, stderr } = await run('hello')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^sum\(1, 1\) = 2$/m)
  assert.match(stdout, /^after a reset: ReferenceError: sum is not defined$/m)
})

test('the timeouts example stops what takes too long, and goes on', async () => {
  const { code, stdout, stderr } = await run('timeouts')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^a promise that never settles: stopped after 50 ms; .* lives on$/m)
  assert.match(stdout, /^a caller who gives up: Error: no longer needed$/m)
  assert.match(stdout, /^an endless loop: stopped after 50 ms/m)
  assert.match(stdout, /^afterwards, 6 \* 7: 42$/m)
})

test('the events example hears of every loss', async () => {
  const { code, stdout, stderr } = await run('events')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^the context's own signal: .*process-exit$/m)
  assert.match(stdout, /^the call in flight: the process ended \(killed, SIGKILL\)/m)
  assert.match(stdout, /^processExit: slot-0, generation 1: killed, SIGKILL$/m)
  assert.match(stdout, /^contextLost: tenant-42 \(collateral\) on slot-0$/m)
  assert.match(stdout, /^processStart: slot-0, generation 2$/m)
  assert.match(stdout, /^contextCollected: tenant-42: owner-gone$/m)
})

test('the webhook example guards what scripts fetch', async () => {
  const { code, stdout, stderr } = await run('webhook')
  assert.equal(code, 0, stdout + stderr)
  assert.equal(stderr, '')
  assert.match(
    stdout,
    /^shop +enriched +\{.* name: 'Ada Lovelace', tier: 'gold', cookies: 'none' \}$/m,
  )
  assert.match(stdout, /^snoop +refused +fetch: not allowed: http:\/\/169\.254\.169\.254\/latest/m)
  assert.match(stdout, /^snoop +refused +fetch: not allowed: file:\/\/\/etc\/passwd$/m)
  assert.match(stdout, /^stuck +given up +Error: the sender hung up; upstream request closed/m)
  assert.match(stdout, /^stuck +lives on +6 \* 7 = 42$/m)
})

test('the rules example looks things up, and keeps slow look-ups apart', async () => {
  const { code, stdout, stderr } = await run('rules')
  assert.equal(code, 0, stdout + stderr)
  assert.equal(stderr, '')
  assert.match(stdout, /^A-18 .* credit: review, the limit is 500 +customs: duty of 200$/m)
  assert.match(stdout, /^a look-up takes \d+ µs, 1000 in a row$/m)
  assert.match(stdout, /^ +slot-0 beside slot-0 +\d+ answers, the slowest after \d+ ms$/m)
  assert.match(stdout, /^ +own-0 +beside slot-0 +\d+ answers, the slowest after \d+ ms$/m)
})

test('the ticker example ends one plug-in, and the other goes on', async () => {
  const { code, stdout, stderr } = await run('ticker')
  assert.equal(code, 0, stdout + stderr)
  assert.equal(stderr, '')
  assert.match(stdout, /^smooth +warn +32 is far from the mean\nsmooth +report +\{"mean":23\}$/m)
  const [, since = ''] = stdout.split('smooth is destroyed\n')
  assert.doesNotMatch(since, /^smooth +(report|warn|error)/m)
  assert.match(since, /^peak +report +\{"highest":32\}$/m)
  assert.match(since, /^smooth +0$/m)
})
