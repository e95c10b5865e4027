import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { peerOf } from './peers/vmring.js'
import { BEFORE, findBuilds } from './support/builds.js'
import { findPeers, findQuestions } from './support/discover.js'
import { describeMachine, machineLine } from './support/machine.js'
import { BASELINE } from './support/peer.js'
import type { Row } from './support/question.js'
import { report } from './support/table.js'

/**
 * `npm run bench -- [--quick] [--json FILE] [--beside FOLDER] [question...]`: asks the questions,
 * all of them unless some are named, and prints their tables. `--beside` names another checkout,
 * built: it takes part as "before", and ratios are to it where it can answer. Exits non-zero when
 * any answer was wrong.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    beside: { type: 'string' },
  },
})
const questions = await findQuestions()
for (const name of positionals) {
  if (!questions.has(name)) {
    throw new Error(`no question "${name}"; there are ${[...questions.keys()].join(', ')}`)
  }
}
const builds = await findBuilds(values.beside)
const others = builds.filter(({ name }) => name === BEFORE)
const peers = [...(await findPeers()), ...others.map(peerOf)]
const baseline = others.length > 0 ? BEFORE : BASELINE
const machine = describeMachine()
const asked = [...questions].filter(
  ([name]) => positionals.length === 0 || positionals.includes(name),
)

console.log(machineLine(machine))
console.log(
  'A ratio is subject / baseline within this run: take those along, not the times and rates.',
)
if (values.quick) console.log('A quick run shows that everything works; its figures are rough.')
for (const { name, description } of peers) console.log(`${name}: ${description}`)
console.log()

const results: { name: string; title: string; baseline: string; rows: readonly Row[] }[] = []
for (const [name, question] of asked) {
  const rows = await question.ask({ quick: values.quick, peers, builds, baseline })
  console.log(report(question, rows))
  const to = rows.find(({ ratio }) => ratio === undefined)?.subject ?? question.baseline
  results.push({ name, title: question.title, baseline: to, rows })
}
if (values.json !== undefined) {
  const document = { machine, quick: values.quick, results }
  await writeFile(values.json, `${JSON.stringify(document, undefined, 2)}\n`)
}
