import { type LineStream, LiveLine } from '../../src/cli/live-line.js'

let line: LiveLine | undefined
let question = ''

/**
 * What a long run is at. One for the program, like the terminal it is shown on; silent until
 * something opens it, so that tests see nothing of it.
 */
export const progress = {
  open(stream: LineStream): void {
    line = new LiveLine(stream)
  },
  begin(name: string): void {
    question = name
  },
  step(text: string): void {
    line?.show(`${question}: ${text}`)
  },
  clear(): void {
    line?.clear()
  },
}
