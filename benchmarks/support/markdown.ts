import { readFile, writeFile } from 'node:fs/promises'
import { busyWarning, machineLine } from '../../src/cli/machine.js'
import { type RunDocument, ratioOf, rowsFor } from './document.js'
import { BASELINE, OURS } from './peer.js'
import { number } from './table.js'

const BEGIN = '<!-- benchmarks -->'
const END = '<!-- /benchmarks -->'

/** Puts the run's table between the markers of a Markdown file. Throws when they aren't there. */
export async function writeTable(file: string, run: RunDocument): Promise<void> {
  const page = await readFile(file, 'utf8')
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${file} has no ${BEGIN} … ${END}`)
  const head = page.slice(0, begin + BEGIN.length)
  await writeFile(file, `${head}\n${table(run)}\n${page.slice(end)}`)
}

/** Who answers how many calls how fast, best first. */
function table(run: RunDocument): string {
  const many = rowsFor(run, 'throughput', '64 in flight')
  const more = rowsFor(run, 'throughput', '256 in flight')
  const one = rowsFor(run, 'round-trip', 'p50')
  const lines = many
    .toSorted((a, b) => ratioOf(b) - ratioOf(a))
    .map(({ subject, value, ratio, ours }) => {
      const wide = more.find((row) => row.subject === subject)
      const alone = one.find((row) => row.subject === subject)
      const cells = [
        subject === OURS ? `**${subject}**` : subject === BASELINE ? 'bare echo' : subject,
        number(value.value),
        ratio ? number(ratio.value) : '1',
        ours ? `${number(ours.value)}×` : '',
        wide?.ours ? `${number(wide.ours.value)}×` : '',
        alone ? `${number(alone.value.value)} µs` : '',
      ]
      return `| ${cells.join(' | ')} |`
    })
  const head = ['', 'calls/s', 'of the echo', 'vmring is', 'at 256', 'one call, p50']
  const caption = [
    '`add(a, b)`, 64 calls in flight, one process or thread each.',
    `${machineLine(run.machine)}, ${run.date.slice(0, 10)}.`,
    ...(run.quick ? ['A quick run: the figures are rough.'] : []),
    ...[busyWarning(run.machine) ?? []].flat(),
  ]
  return [
    `| ${head.join(' | ')} |`,
    '|---|--:|--:|--:|--:|--:|',
    ...lines,
    '',
    caption.join(' '),
  ].join('\n')
}
