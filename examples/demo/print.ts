import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const INDENT = '   '
const LABEL = 14
/** The column where times end. */
const TIME_AT = 96
const TIME_WIDTH = 10

// `hasColors` exists on terminals only, and lets FORCE_COLOR win over NO_COLOR.
const colourful = !process.env.NO_COLOR && process.stdout.hasColors?.() === true

export function styled(style: Style, text: string): string {
  return colourful ? styleText(style, text) : text
}

export function line(text = ''): void {
  process.stdout.write(`${text}\n`)
}

export function title(name: string, text: string): void {
  line(`${styled(['bold', 'cyan'], name)}  ${text}`)
}

export function heading(number: number, text: string): void {
  line()
  line(`${styled(['bold', 'cyan'], String(number))}  ${styled('bold', text)}`)
}

/** A label, what there is to say, and how long it took, in columns. */
export function row(label: string, text: string, ms?: number, style?: Style): void {
  const head = `${INDENT}${label.padEnd(LABEL)}`
  const shown = style ? styled(style, text) : text
  if (ms === undefined) return line(head + shown)
  const gap = ' '.repeat(Math.max(1, TIME_AT - TIME_WIDTH - head.length - text.length))
  line(head + shown + gap + styled('yellow', duration(ms).padStart(TIME_WIDTH)))
}

/** The first lines of something rendered. */
export function excerpt(rendered: string, lines: number): void {
  const shown = rendered.split('\n').filter((text) => text.trim() !== '')
  for (const text of shown.slice(0, lines)) {
    line(`${INDENT}${styled('dim', '│')} ${styled('green', clip(text, TIME_AT - 5))}`)
  }
}

export function duration(ms: number): string {
  return `${ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}
