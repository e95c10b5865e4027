import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { question as roundTrip } from '../benchmarks/round-trip.js'
import { chart } from '../benchmarks/support/chart.js'
import { findPeers, findQuestions } from '../benchmarks/support/discover.js'
import type { RunDocument } from '../benchmarks/support/document.js'
import { FrameBatch, frameReader } from '../benchmarks/support/frames.js'
import { writeTable } from '../benchmarks/support/markdown.js'
import { BASELINE, callAndCheck, OURS, type Peer, withPeers } from '../benchmarks/support/peer.js'
import { interleave, rowsOf } from '../benchmarks/support/rounds.js'
import { median, percentile, ratios } from '../benchmarks/support/stats.js'
import { report } from '../benchmarks/support/table.js'
import { question as throughput } from '../benchmarks/throughput.js'
import { describeMachine } from '../src/cli/machine.js'

/** A peer in this process, that counts whether it was stopped as often as it was started. */
function fakePeer(name: string, add: (a: number, b: number) => number) {
  let open = 0
  const peer: Peer = {
    name,
    description: 'for tests',
    apart: 'thread',
    async start() {
      open++
      return {
        // A timer's turn, so that a question's own timers and its end get theirs.
        call: (a, b) => new Promise((resolve) => setImmediate(() => resolve(add(a, b)))),
        async stop() {
          open--
        },
      }
    },
  }
  return { peer, open: () => open }
}

describe('benchmark peers', () => {
  it('are found by their files and answer', async () => {
    const { present } = await findPeers()
    // All of them take part in `npm run bench -- --quick`, which checks each answer.
    const some = present.filter(({ name }) => [BASELINE, OURS].includes(name))
    assert.deepEqual(
      some.map(({ name }) => name),
      [BASELINE, OURS],
    )
    await withPeers(some, async (running) => {
      for (const peer of running) {
        const calls = Array.from({ length: 300 }, (_, i) => peer.call(i * 1000, i))
        const expected = Array.from({ length: 300 }, (_, i) => i * 1001)
        assert.deepEqual(await Promise.all(calls), expected, peer.name)
      }
    })
  })

  it('are stopped when the next one does not start', async () => {
    const first = fakePeer('first', (a, b) => a + b)
    const broken = { ...first.peer, start: () => Promise.reject(new Error('out of order')) }
    await assert.rejects(
      withPeers([first.peer, broken], async () => assert.fail('used')),
      /out of order/,
    )
    assert.equal(first.open(), 0)
  })
})

describe('benchmark questions', () => {
  it('are found by their files', async () => {
    const found = await findQuestions()
    for (const name of ['recovery', 'round-trip', 'throughput']) assert.ok(found.has(name), name)
    assert.ok(!found.has('main'))
  })

  for (const [name, question] of Object.entries({ roundTrip, throughput })) {
    it(`${name} fails on one wrong answer, and stops its peers`, async () => {
      let calls = 0
      const right = fakePeer(BASELINE, (a, b) => a + b)
      // A busy machine may leave no time for more than one call of the warm-up and one after it.
      const wrong = fakePeer('wrong', (a, b) => (++calls === 2 ? a - b : a + b))
      await assert.rejects(
        question.ask({
          quick: true,
          builds: [],
          baseline: BASELINE,
          peers: [wrong.peer, right.peer],
        }),
        /^Error: add\(\d+, 7\) was answered with -?\d+$/,
      )
      assert.deepEqual([right.open(), wrong.open()], [0, 0])
    })
  }

  it('take an answer of another type for a wrong one', async () => {
    const peer = { call: async () => '5' as unknown as number, stop: async () => {} }
    await assert.rejects(callAndCheck(peer, 2, 3), /answered with 5/)
  })
})

describe('benchmark figures', () => {
  it('take percentiles by nearest rank', () => {
    const samples = Array.from({ length: 200 }, (_, i) => 200 - i)
    assert.equal(percentile(samples, 50), 100)
    assert.equal(percentile(samples, 99), 198)
    assert.equal(percentile(samples, 0), 1)
    assert.equal(percentile([7], 99), 7)
    assert.throws(() => percentile([], 50), RangeError)
  })

  it('take the median between the two in the middle', () => {
    assert.equal(median([10, 9, 100]), 10)
    assert.equal(median([4, 1, 3, 2]), 2.5)
    assert.throws(() => median([]), RangeError)
  })

  it('divide round by round', () => {
    assert.deepEqual(ratios([2, 30], [1, 10]), [2, 3])
  })

  it('come from rounds in turn', async () => {
    const order: string[] = []
    const subjects = [{ name: 'a' }, { name: 'b' }]
    const series = await interleave(subjects, 2, async ({ name }) => order.push(name))
    assert.equal(order.join(''), 'abab')
    assert.deepEqual(series, [
      { name: 'a', rounds: [1, 3] },
      { name: 'b', rounds: [2, 4] },
    ])
  })

  it('show a ratio to the baseline for everybody else', () => {
    const series = [
      { name: 'base', rounds: [1000, 2000, 4000] },
      { name: 'other', rounds: [500, 500, 4000] },
    ]
    const rows = rowsOf(series, 'base', 'rate', 'calls/s', (n) => n)
    assert.deepEqual(rows, [
      {
        quantity: 'rate',
        unit: 'calls/s',
        subject: 'base',
        value: { value: 2000, spread: [1000, 4000] },
        ratio: undefined,
        ours: undefined,
      },
      {
        quantity: 'rate',
        unit: 'calls/s',
        subject: 'other',
        value: { value: 500, spread: [500, 4000] },
        ratio: { value: 0.5, spread: [0.25, 1] },
        ours: undefined,
      },
    ])
    const shown = report({ ...throughput, baseline: 'base' }, rows)
    assert.match(shown, /ratio to base/)
    assert.match(shown, /^rate +base +2,000 calls\/s +1,000 - 4,000$/m)
    assert.match(shown, /^rate +other +500 calls\/s +500 - 4,000 +0\.50 +0\.25 - 1\.00$/m)
    assert.throws(() => rowsOf(series, 'nobody', 'rate', 'calls/s', (n) => n), /nobody/)
  })
})

describe('benchmark frames', () => {
  it('arrive whole, wherever chunks are cut', () => {
    const bytes: Uint8Array[] = []
    const batch = new FrameBatch((chunk) => bytes.push(Uint8Array.from(chunk)))
    const payloads = [0, 1, 50, 70_000, 3].map((size) => new Uint8Array(size).fill(size))
    for (const [call, payload] of payloads.entries()) batch.add(7, call, call + 1, payload)
    batch.send()
    const sent = Buffer.concat(bytes)
    for (const size of [1, 5, 13, 64, 50_000, sent.length]) {
      const got: unknown[] = []
      const read = frameReader((op, call, context, payload) =>
        got.push([op, call, context, Uint8Array.from(payload)]),
      )
      for (let at = 0; at < sent.length; at += size) read(sent.subarray(at, at + size))
      const expected = payloads.map((payload, call) => [7, call, call + 1, payload])
      assert.deepEqual(got, expected, `in chunks of ${size}`)
    }
  })
})

describe('a run that is shown', () => {
  const rows = (quantity: string) =>
    rowsOf(
      [
        { name: BASELINE, rounds: [100] },
        { name: OURS, rounds: [80] },
        { name: '<other>', rounds: [40] },
      ],
      BASELINE,
      quantity,
      'calls/s',
      (n) => n,
    )
  const described = { title: '', method: '', baseline: BASELINE }
  const run: RunDocument = {
    machine: describeMachine(),
    date: '2026-01-02T03:04:05.000Z',
    quick: false,
    peers: [{ name: '<other>', description: '', apart: 'thread' }],
    results: [
      {
        ...described,
        name: 'throughput',
        rows: [...rows('64 in flight'), ...rows('256 in flight')],
      },
      { ...described, name: 'round-trip', rows: rows('p50') },
    ],
  }

  it('is a picture with colours for light and dark', () => {
    const svg = chart(run)
    assert.match(svg, /prefers-color-scheme: dark/)
    assert.match(svg, /&#60;other&#62; †</)
    assert.match(svg, /0\.80× · 80\.0 calls\/s/)
    assert.throws(() => chart({ ...run, results: [] }), /no "64 in flight" of throughput/)
  })

  it('is a table between the markers of a page', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmring-bench-'))
    try {
      const file = join(folder, 'page.md')
      await writeFile(file, 'before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n')
      await writeTable(file, run)
      const page = await readFile(file, 'utf8')
      assert.match(page, /^before\n<!-- benchmarks -->\n\|/)
      assert.match(page, /\| <other> \| 40\.0 \| 0\.40 \| 2\.00× \| 2\.00× \| 40\.0 µs \|/)
      assert.match(page, /\n<!-- \/benchmarks -->\nafter\n$/)
      assert.ok(!page.includes('old'))
      await writeFile(file, 'no place')
      await assert.rejects(writeTable(file, run), /has no <!-- benchmarks -->/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
