import { OURS } from './peer.js'
import type { Question, Row } from './question.js'
import type { Summary } from './stats.js'

type Cells = readonly string[]

/** Lays out one question's answer for a terminal. */
export function report(
  { title, method, ...asked }: Omit<Question, 'ask'>,
  rows: readonly Row[],
): string {
  const baseline = rows.find(({ ratio }) => ratio === undefined)?.subject ?? asked.baseline
  const compared = rows.some(({ ours }) => ours !== undefined)
  const head = ['quantity', 'subject', 'value', 'min - max', `ratio to ${baseline}`, 'min - max']
  const lines = align([
    compared ? [...head, `${OURS} / it`] : head,
    ...rows.map((row) => cellsOf(row, compared)),
  ])
  return `${title}\n${method}\n\n${lines.join('\n')}\n`
}

function cellsOf({ quantity, unit, subject, value, ratio, ours }: Row, compared: boolean): Cells {
  const of = (summary: Summary | undefined, shown: (n: number) => string): Cells => [
    summary ? shown(summary.value) : '',
    summary?.spread?.map(shown).join(' - ') ?? '',
  ]
  const [middle, spread] = of(value, number)
  const [times = ''] = of(ours, (n) => n.toFixed(2))
  const cells = [quantity, subject, `${middle} ${unit}`, `${spread}`]
  return [...cells, ...of(ratio, (n) => n.toFixed(2)), ...(compared ? [times] : [])]
}

/** Three digits that mean something, and no more. */
export function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

/** Pads columns to equal width: the first two are words, the others numbers. */
function align(rows: readonly Cells[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row, column))))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const size = widths?.[column] ?? 0
        return column < 2 ? cell.padEnd(size) : cell.padStart(size)
      })
      .join('  ')
      .trimEnd(),
  )
}

function width(row: Cells, column: number): number {
  return row[column]?.length ?? 0
}
