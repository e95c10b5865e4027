/** Where the line goes: `process.stderr`, as a rule. */
export interface LineStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Between two rewritings on a terminal, in ms. */
const BLINK = 100
/** Between two lines elsewhere, such as in the log of a job, in ms. */
const PAUSE = 15_000
const ERASE = '\r\u001B[K'

/** How far things are: one line that is rewritten on a terminal, a line now and then elsewhere. */
export class LiveLine {
  readonly #stream: LineStream
  #last: number

  constructor(stream: LineStream) {
    this.#stream = stream
    // A terminal shows the first text at once; a log only what takes its time.
    this.#last = stream.isTTY ? Number.NEGATIVE_INFINITY : performance.now()
  }

  show(text: string): void {
    const { isTTY, columns } = this.#stream
    const now = performance.now()
    if (now - this.#last < (isTTY ? BLINK : PAUSE)) return
    this.#last = now
    this.#stream.write(isTTY ? `${ERASE}${text.slice(0, (columns || 80) - 1)}` : `${text}\n`)
  }

  /** Makes room for what is printed next. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write(ERASE)
  }
}
