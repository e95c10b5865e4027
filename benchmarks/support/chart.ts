import { busyWarning, machineLine } from '../../src/cli/machine.js'
import { type RunDocument, ratioOf, rowsFor } from './document.js'
import { BASELINE, OURS } from './peer.js'
import type { Row } from './question.js'
import { number } from './table.js'

const WIDTH = 800
const MARGIN = 24
const NAMES = 186
const BARS = 360
const ROW = 24
const HEAD = 52
const PANEL_GAP = 20
const FOOT = 18
const LEFT = MARGIN + NAMES

/**
 * A card with a ground of its own, so that it is readable on any page; its colours follow the
 * reader's system, as pictures on a page can.
 */
const STYLE = `
  .ground { fill: #ffffff; stroke: #d1d9e0 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .muted { fill: #59636e; font-size: 12px }
  .bar { fill: #afb8c1 }
  .limit { fill: none; stroke: #59636e; stroke-dasharray: 3 3 }
  .ours { fill: #0969da }
  .name-ours { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .muted { fill: #9198a1 }
    .bar { fill: #656c76 }
    .limit { stroke: #9198a1 }
    .ours { fill: #4493f8 }
  }`

interface Panel {
  readonly title: string
  readonly note: string
  /** Best first. */
  readonly rows: readonly Row[]
}

/** Draws the two figures that a reader asks for first. */
export function chart(run: RunDocument): string {
  const panels: Panel[] = [
    {
      title: 'Calls per second, 64 in flight, one process or thread',
      note: 'add(a, b) · more is better',
      rows: rowsFor(run, 'throughput', '64 in flight').toSorted((a, b) => ratioOf(b) - ratioOf(a)),
    },
    {
      title: 'Time of one call when nothing else is under way (p50)',
      note: 'add(a, b) · less is better',
      rows: rowsFor(run, 'round-trip', 'p50').toSorted((a, b) => ratioOf(a) - ratioOf(b)),
    },
  ]
  const threads = run.peers.filter(({ apart }) => apart === 'thread').map(({ name }) => name)
  let y = MARGIN
  const drawn = panels.map((panel) => {
    const top = y
    y += HEAD + panel.rows.length * ROW + PANEL_GAP
    return draw(panel, top, threads)
  })
  const feet = [
    '† a thread of the calling process; the others are processes',
    `bars are ratios to the bare echo, dashed, within a round: the medians${run.quick ? ' (a quick run: rough)' : ''}`,
    `${machineLine(run.machine)} · ${run.date.slice(0, 10)}`,
    ...[busyWarning(run.machine) ?? []].flat(),
  ]
  const height = y + feet.length * FOOT
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(panels.map(({ title }) => title).join('; '))}">
<style>${STYLE}
</style>
<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${drawn.join('\n')}
${feet.map((line, i) => text(MARGIN, y + 4 + i * FOOT, line, 'muted')).join('\n')}
</svg>
`
}

function draw({ title, note, rows }: Panel, top: number, threads: readonly string[]): string {
  const longest = Math.max(...rows.map(ratioOf))
  const bars = rows.map((row, i) => {
    const y = top + HEAD + i * ROW
    const width = Math.max(1, (ratioOf(row) / longest) * BARS).toFixed(1)
    const kind = row.subject === OURS ? 'ours' : row.subject === BASELINE ? 'limit' : 'bar'
    const name = row.subject === BASELINE ? 'bare echo' : row.subject
    const mark = threads.includes(row.subject) ? ' †' : ''
    return `<rect class="${kind}" x="${LEFT}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2"/>
${text(LEFT - 10, y + 17, name + mark, kind === 'ours' ? 'name-ours' : '', 'end')}
${text(LEFT + Number(width) + 8, y + 17, labelOf(row), 'muted')}`
  })
  return [
    text(MARGIN, top + 18, title, 'title'),
    text(MARGIN, top + 40, note, 'muted'),
    ...bars,
  ].join('\n')
}

function labelOf({ value, unit, ratio }: Row): string {
  const absolute = `${number(value.value)} ${unit.replace('us', 'µs')}`
  return ratio ? `${number(ratio.value)}× · ${absolute}` : absolute
}

function text(x: number, y: number, content: string, kind = '', anchor = 'start'): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`
}

function escaped(content: string): string {
  return content.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
