import { Op, type Request, type Source } from './wire/protocol.js'

/** Characters of start-up sources, in all, for which compiling them takes noticeable time. */
const WORTHWHILE = 8 * 1024

/**
 * The start-up sources of all contexts, and what V8 made of them: the first process that has run them
 * tells, and later ones need not compile them. It tells before there is any context in it but the
 * sources' own.
 */
export class CodeCache {
  readonly #maxSize: number
  #sources: readonly Source[]
  #isOpen: boolean

  /** `maxSize` bounds what is kept, in bytes. */
  constructor(sources: readonly Source[], maxSize: number) {
    this.#sources = sources
    this.#maxSize = maxSize
    this.#isOpen = sources.reduce((sum, { source }) => sum + source.length, 0) >= WORTHWHILE
  }

  /** Whether the next process is asked. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** What a new process has to do first, in at most `timeout` ms. */
  request(timeout: number): Request {
    return { op: Op.init, timeout, sources: this.#sources, cache: this.#isOpen }
  }

  /** A process that was asked has answered: with bytes for each source, if it is honest. */
  learn(value: unknown): void {
    if (!this.#isOpen || !Array.isArray(value) || value.length !== this.#sources.length) return
    if (!value.every((item) => item instanceof Uint8Array)) return
    const codes: readonly Uint8Array[] = value
    this.#isOpen = false
    if (codes.reduce((sum, { length }) => sum + length, 0) > this.#maxSize) return
    this.#sources = this.#sources.map((source, i) => ({ ...source, code: codes[i] }))
  }
}
