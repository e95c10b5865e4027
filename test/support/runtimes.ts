import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program to start in place of Node, in a folder of its own that goes when it is disposed of. */
export class Runtime implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vmring-test-'))
  readonly execPath = join(this.#folder, 'runtime')

  /** `body` is a shell's; it finds no other program by name, for its environment is empty. */
  constructor(body: string) {
    writeFileSync(this.execPath, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true })
  }
}

/** Node, but while it is broken every process exits at once. Counts its starts. */
export class FragileRuntime implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vmring-test-'))
  readonly #flag = join(this.#folder, 'broken')
  readonly #log = join(this.#folder, 'starts')
  readonly #runtime = new Runtime(
    `echo >> '${this.#log}'; [ -e '${this.#flag}' ] && exit 7; exec '${process.execPath}' "$@"`,
  )
  readonly execPath = this.#runtime.execPath

  /** How many processes have been started. */
  get starts(): number {
    return readFileSync(this.#log, 'utf8').length
  }

  break(): void {
    writeFileSync(this.#flag, '')
  }

  repair(): void {
    rmSync(this.#flag)
  }

  [Symbol.dispose](): void {
    this.#runtime[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true })
  }
}
