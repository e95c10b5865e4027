import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { busyWarning, describeMachine, machineLine } from '../src/cli/machine.js'
import { peerOf } from './peers/vmring.js'
import { BEFORE, findBuilds } from './support/builds.js'
import { chart } from './support/chart.js'
import { findPeers, findQuestions } from './support/discover.js'
import type { Result, RunDocument } from './support/document.js'
import { writeTable } from './support/markdown.js'
import { BASELINE } from './support/peer.js'
import { progress } from './support/progress.js'
import { report } from './support/table.js'

/**
 * `npm run bench -- [options] [question...]`: asks the questions, all of them unless some are
 * named, and prints their tables. Exits non-zero when any answer was wrong.
 *
 * - `--quick`: a smoke test
 * - `--json FILE`, `--chart FILE`, `--markdown FILE`: the run as data, as a picture, and as a table
 *   between the markers of a page
 * - `--from FILE`: asks nothing; takes what `--json` wrote
 * - `--beside FOLDER`: another checkout, built, takes part as "before", and ratios are to it where
 *   it can answer
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    chart: { type: 'string' },
    markdown: { type: 'string' },
    from: { type: 'string' },
    beside: { type: 'string' },
  },
})

const run = values.from === undefined ? await ask() : await read(values.from)
for (const file of [values.json, values.chart]) {
  if (file !== undefined) await mkdir(dirname(file), { recursive: true })
}
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(run, undefined, 2)}\n`)
}
if (values.chart !== undefined) await writeFile(values.chart, chart(run))
if (values.markdown !== undefined) await writeTable(values.markdown, run)

async function ask(): Promise<RunDocument> {
  const questions = await findQuestions()
  for (const name of positionals) {
    if (!questions.has(name)) {
      throw new Error(`no question "${name}"; there are ${[...questions.keys()].join(', ')}`)
    }
  }
  const asked = [...questions].filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  )
  const builds = await findBuilds(values.beside)
  const others = builds.filter(({ name }) => name === BEFORE)
  const { present, absent } = await findPeers()
  const peers = [...present, ...others.map(peerOf)]
  const baseline = others.length > 0 ? BEFORE : BASELINE
  const machine = describeMachine()

  console.log(machineLine(machine))
  const warning = busyWarning(machine)
  if (warning !== undefined) console.log(warning)
  console.log('A ratio is subject / baseline within this run: take those along, not the times.')
  if (values.quick) console.log('A quick run shows that everything works; its figures are rough.')
  for (const { name, description } of peers) console.log(`${name}: ${description}`)
  for (const { name, why } of absent) console.log(`${name} does not take part: ${why}`)
  console.log()

  progress.open(process.stderr)
  const results: Result[] = []
  for (const [i, [name, question]] of asked.entries()) {
    progress.begin(`${i + 1}/${asked.length} ${name}`)
    progress.step('preparing')
    const rows = await question.ask({ quick: values.quick, peers, builds, baseline })
    progress.clear()
    const { title, method } = question
    const to = rows.find(({ ratio }) => ratio === undefined)?.subject ?? question.baseline
    results.push({ name, title, method, baseline: to, rows })
    console.log(report({ title, method, baseline: to }, rows))
  }
  const described = peers.map(({ start: _, missing: __, ...described }) => described)
  const date = new Date().toISOString()
  return { machine, date, quick: values.quick, peers: described, results }
}

async function read(file: string): Promise<RunDocument> {
  const run = JSON.parse(await readFile(file, 'utf8')) as RunDocument
  console.log(machineLine(run.machine))
  console.log()
  for (const result of run.results) console.log(report(result, result.rows))
  return run
}
