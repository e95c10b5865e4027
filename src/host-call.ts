import type { HostCaller, NamedFunction } from './host-functions.js'
import type { Dependent } from './pool/task.js'
import type { HostOutcome } from './wire/protocol.js'

/** Characters of a name and a message that a script gets. */
const LONGEST_NAME = 256
const LONGEST_MESSAGE = 16 * 1024

export interface HostCallOptions {
  readonly contextId: string
  readonly key: string
  readonly named: NamedFunction
  /** In ms, or Infinity. */
  readonly timeout: number
  /** Encodes a result. Throws what is the matter with it. */
  readonly encode: (value: unknown, root: string) => Uint8Array
  /** It has ended: called once, unless its context is gone and nothing is held up. `over`: the call that made it was given up. */
  readonly onEnd: (call: HostCall, outcome: HostOutcome, over: boolean) => void
  /** What a function threw, and a script is told of only in part. */
  readonly onError: (name: string, error: unknown) => void
}

/** One call of a function of the host, from the arguments to exactly one outcome. */
export class HostCall implements Dependent {
  readonly #options: HostCallOptions
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #abortedWith: { readonly reason: unknown } | undefined
  #ended = false

  constructor(options: HostCallOptions) {
    this.#options = options
  }

  /** Calls the function. */
  start(args: readonly unknown[]): void {
    const { named, timeout } = this.#options
    if (timeout !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#expire(), timeout).unref()
    }
    try {
      const result = named.fn.apply(this.#caller(), args as unknown[])
      if (!isThenable(result)) return this.#resolve(result)
      Promise.resolve(result).then(
        (value) => this.#resolve(value),
        (error) => this.#reject(error),
      )
    } catch (error) {
      this.#reject(error)
    }
  }

  /** Answers it at once. */
  refuse(name: string, message: string): void {
    this.#end({ kind: 'error', name, message }, false)
  }

  ownerEnded(givenUp: unknown): void {
    if (givenUp === undefined || this.#ended) return
    this.#abort(givenUp)
    const message = `${this.#title}: the call was given up`
    this.#end({ kind: 'error', name: 'AbortError', message }, true)
  }

  /** Its context is gone: nobody waits for it, but for the process that it holds up. */
  contextGone(reason: unknown): void {
    if (this.#ended) return
    this.#abort(reason)
    if (this.#options.named.sync) {
      const message = `${this.#title}: the context is gone`
      return this.#end({ kind: 'error', name: 'AbortError', message }, true)
    }
    this.#ended = true
    clearTimeout(this.#timer)
  }

  get #title(): string {
    const { name, sync } = this.#options.named
    return sync ? `host.sync.${name}` : `host.${name}`
  }

  #caller(): HostCaller {
    const { contextId, key } = this.#options
    const signal = (): AbortSignal => this.#signal()
    return {
      contextId,
      key,
      // Made when asked for: it costs more than all the rest.
      get signal() {
        return signal()
      },
    }
  }

  #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#abortedWith) this.#controller.abort(this.#abortedWith.reason)
    }
    return this.#controller.signal
  }

  #abort(reason: unknown): void {
    this.#abortedWith = { reason }
    this.#controller?.abort(reason)
  }

  #expire(): void {
    const message = `${this.#title}: no answer within ${this.#options.timeout} ms`
    this.#abort(new DOMException(message, 'TimeoutError'))
    this.#end({ kind: 'error', name: 'TimeoutError', message }, false)
  }

  #resolve(value: unknown): void {
    if (this.#ended) return
    const { encode, onError, named } = this.#options
    let bytes: Uint8Array
    try {
      bytes = encode(value, 'result')
    } catch (error) {
      onError(named.name, error)
      const message = `${this.#title}: ${messageOf(error)}`
      return this.#end({ kind: 'error', name: 'DataCloneError', message }, false)
    }
    this.#end({ kind: 'ok', value: bytes }, false)
  }

  #reject(error: unknown): void {
    if (this.#ended) return
    this.#end({ kind: 'error', name: nameOf(error), message: messageOf(error) }, false)
  }

  #end(outcome: HostOutcome, over: boolean): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#options.onEnd(this, outcome, over)
  }
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Neither its stack nor its properties: those are the host's own. */
function nameOf(error: unknown): string {
  return textOf(() => (error instanceof Error ? error.name : 'Error')).slice(0, LONGEST_NAME)
}

function messageOf(error: unknown): string {
  const text = textOf(() => (error instanceof Error ? error.message : String(error)))
  return text.slice(0, LONGEST_MESSAGE)
}

function textOf(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return ''
  }
}
