import type { WebKit } from './kit.js'

export interface WebSmall {
  btoa(input: unknown): string
  atob(input: unknown): string
  queueMicrotask(callback: unknown): void
  readonly performance: unknown
  readonly crypto: unknown
}

/**
 * What is small: base64, the clock, randomness, microtasks.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createSmall(kit: WebKit): WebSmall {
  const { ask, ops } = kit

  function btoa(input: unknown): string {
    kit.need(arguments.length, 1, 'The "data" argument')
    const text = ask(ops.toBase64, `${input}`)
    if (typeof text === 'string') return text
    throw kit.exception('Invalid character', 'InvalidCharacterError')
  }

  function atob(input: unknown): string {
    kit.need(arguments.length, 1, 'The "data" argument')
    const text = ask(ops.fromBase64, `${input}`)
    if (typeof text === 'string') return text
    throw kit.exception(
      'The string to be decoded is not correctly encoded.',
      'InvalidCharacterError',
    )
  }

  /** By syntax alone: a promise's own methods are the script's to change. */
  async function soon(callback: () => void): Promise<void> {
    await undefined
    callback()
  }

  function queueMicrotask(callback: unknown): void {
    if (typeof callback !== 'function') {
      throw kit.invalid('The "callback" argument must be of type function')
    }
    soon(callback as () => void)
  }

  /** Who has it may make the one instance; no script has. */
  const permit = {}

  class Performance {
    readonly #origin: number

    constructor(given?: unknown) {
      if (given !== permit)
        throw kit.nodeError(kit.TypeErrorOf, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor')
      this.#origin = kit.madeAt
    }

    get timeOrigin(): number {
      return this.#origin
    }

    now(): number {
      if (!(#origin in this)) throw kit.invalidThis('Performance')
      return kit.now()
    }

    toJSON(): object {
      return { timeOrigin: this.#origin }
    }
  }

  /** What a view of bytes may be to be filled with random ones: one of integers. */
  function isFillable(view: ArrayBufferView): boolean {
    const tag = kit.viewTag(view)
    return (
      tag !== undefined &&
      tag !== 'Float16Array' &&
      tag !== 'Float32Array' &&
      tag !== 'Float64Array'
    )
  }

  class Crypto {
    readonly #isCrypto = true

    constructor(given?: unknown) {
      if (given !== permit)
        throw kit.nodeError(kit.TypeErrorOf, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor')
    }

    getRandomValues<T>(view: T): T {
      if (!(#isCrypto in this)) throw kit.invalidThis('Crypto')
      kit.need(arguments.length, 1, 'The "array" argument')
      if (!kit.isView(view)) throw kit.invalid('The "array" argument must be an ArrayBufferView')
      if (!isFillable(view)) {
        const message = 'The data argument must be an integer-type TypedArray'
        throw kit.exception(message, 'TypeMismatchError')
      }
      const bytes = kit.bytesOf(view, 'array')
      const size = kit.viewLength(bytes)
      if (size > 65_536) {
        const message = `The requested length exceeds 65,536 bytes`
        throw kit.exception(message, 'QuotaExceededError')
      }
      const random = size ? ask(ops.random, size) : undefined
      if (typeof random === 'object' && random !== null) kit.viewSet(bytes, random)
      else if (size) throw kit.exception('There are no random bytes', 'OperationError')
      return view
    }

    randomUUID(): string {
      if (!(#isCrypto in this)) throw kit.invalidThis('Crypto')
      const id = ask(ops.uuid)
      if (typeof id !== 'string') throw kit.exception('There are no random bytes', 'OperationError')
      return id
    }
  }

  kit.expose(Performance, 'Performance')
  kit.expose(Crypto, 'Crypto')
  const performance = new Performance(permit)
  const crypto = new Crypto(permit)
  kit.mark((value) => value === performance || value === crypto)

  return { btoa, atob, queueMicrotask, performance, crypto }
}
