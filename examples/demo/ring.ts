import type { VmServiceStats } from 'vmring'
import { line, styled } from './print.js'

export interface Resident {
  readonly id: string
  readonly library: string
  readonly slot: string
  readonly state: 'live' | 'lost' | 'restored'
}

const CELL = 30
const NAME = 13

const MARKS = {
  live: () => styled('green', '●'),
  lost: () => styled('red', '✗'),
  restored: () => styled('cyan', '↻'),
} as const

/** A piece of text with the width it has on the screen. */
interface Piece {
  readonly text: string
  readonly width: number
}

/** Draws the ring: its slots in a circle, each with its process and its contexts. */
export function drawRing({ slots, spares }: VmServiceStats, residents: readonly Resident[]): void {
  const columns = slots.map(({ name, pid, generation }) => [
    process(pid, generation),
    ...residents.filter(({ slot }) => slot === name).map(resident),
  ])
  const names = slots.map(({ name }) => {
    return `▶ ${styled('bold', name)} ${'─'.repeat(CELL - name.length - 3)}`
  })
  line(`   ╭─${names.join('')}╮`)
  const height = Math.max(...columns.map((column) => column.length))
  for (let i = 0; i < height; i++) {
    line(`   │ ${columns.map((column) => cell(column[i])).join('')}│`)
  }
  const off = ` ${spares} spare${spares === 1 ? '' : 's'}, warm, off the ring `
  line(`   ╰──◀─${off}${'─'.repeat(slots.length * CELL - off.length - 3)}╯`)
}

function process(pid: number | undefined, generation: number): Piece {
  const head = `  pid ${pid ?? '-'}   `
  const tail = `generation ${generation}`
  const text = head + (generation > 1 ? styled('magenta', tail) : tail)
  return { text, width: head.length + tail.length }
}

function resident({ id, library, state }: Resident): Piece {
  const name = id.padEnd(NAME)
  const shown = state === 'lost' ? styled(['red', 'strikethrough'], id) : id
  const text = `  ${MARKS[state]()} ${shown}${' '.repeat(NAME - id.length)}${styled('dim', library)}`
  return { text, width: 4 + name.length + library.length }
}

function cell(piece: Piece | undefined): string {
  return piece ? piece.text + ' '.repeat(Math.max(1, CELL - piece.width)) : ' '.repeat(CELL)
}
