import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Op, PROTOCOL_VERSION } from '../../src/wire/protocol.js'
import { frame } from './channel.js'

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

/** A shell's command that sends these bytes as a worker sends its frames. */
export function saying(...chunks: readonly Uint8Array[]): string {
  const octal = Array.from(
    Buffer.concat(chunks),
    (byte) => `\\${byte.toString(8).padStart(3, '0')}`,
  )
  return `printf '${octal.join('')}' >&3`
}

/** Waits for a request: only what was asked may be answered. */
export const AWAIT_REQUEST = '/bin/dd bs=1 count=1 <&3 >/dev/null 2>&1'

/**
 * A shell's body that says what a worker says until it is ready, and then nothing: for those that
 * are only to die, at a hundredth of the price.
 */
export function hollowWorker(): string {
  return [
    saying(frame(0, 0, { op: Op.hello, version: PROTOCOL_VERSION, pid: 0 })),
    AWAIT_REQUEST,
    saying(frame(1, 0, { op: Op.ok, value: undefined })),
    'exec /bin/cat <&3 >/dev/null',
  ].join('\n')
}

/** A runtime that is another while it is broken. Counts its starts. */
export class FragileRuntime implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vmring-test-'))
  readonly #flag = join(this.#folder, 'broken')
  readonly #log = join(this.#folder, 'starts')
  readonly #runtime: Runtime

  /** By default every process exits at once while it is broken, and is Node while it is not. */
  constructor(broken = 'exit 7', sound = `exec '${process.execPath}' "$@"`) {
    this.#runtime = new Runtime(
      `echo >> '${this.#log}'
      if [ -e '${this.#flag}' ]; then
        ${broken}
      fi
      ${sound}`,
    )
  }

  get execPath(): string {
    return this.#runtime.execPath
  }

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
