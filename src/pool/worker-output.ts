import type { Readable } from 'node:stream'

/** Bytes of one process's output that reach the logger; the rest is read and dropped. */
const LOGGED_LIMIT = 1024 * 1024
/**
 * Between two reads of what is dropped, in milliseconds: a process that prints for ever is slowed
 * down, to some megabytes a second, and this program is not.
 */
const DROP_INTERVAL = 10
const TAIL_LIMIT = 4096

/** Reads what a process prints, so that its pipe never fills, and keeps the end of it. */
export class WorkerOutput {
  #tail = ''
  #logged = 0

  constructor(stream: Readable, log: (text: string) => void) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_LIMIT)
      if (this.#logged >= LOGGED_LIMIT) {
        stream.pause()
        return void setTimeout(() => stream.resume(), DROP_INTERVAL).unref()
      }
      this.#logged += text.length
      log(text.trimEnd())
      if (this.#logged >= LOGGED_LIMIT) log('further output of this process is dropped')
    })
    stream.on('error', () => {})
  }

  /** The last few kilobytes. */
  get tail(): string {
    return this.#tail
  }
}
