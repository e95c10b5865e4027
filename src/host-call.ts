import type { HostCaller, NamedFunction } from './host-functions.js'
import type { Mail } from './pool/mail.js'
import type { Dependent } from './pool/task.js'
import type { HostOutcome } from './wire/protocol.js'

export type CallMail = Mail & { kind: 'call' }

/** Whom a host call is for. */
export interface HostCallOwner {
  readonly contextId: string
  /** The key of that ID. */
  readonly key: string
  /** How long a host call may take that says nothing of it, in ms; or Infinity. */
  readonly timeout: number
  /** Encodes a result. Throws what is the matter with it. */
  encode(value: unknown): Uint8Array
  encodeError(name: string, message: string): Uint8Array
  /** It has ended: called once, unless the context is gone. `over`: the call that made it was given up. */
  ended(call: HostCall, outcome: HostOutcome, over: boolean): void
  /** What a function gave can't travel; or what it threw, of which the script is told a part. */
  failed(name: string, error: unknown, how: 'gave' | 'threw'): void
}

/** One call of a function of the host, from the arguments to exactly one outcome. */
export class HostCall implements Dependent {
  readonly mail: CallMail
  readonly #owner: HostCallOwner
  readonly #named: NamedFunction
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #abortedWith: { readonly reason: unknown } | undefined
  #ended = false

  constructor(owner: HostCallOwner, named: NamedFunction, mail: CallMail) {
    this.#owner = owner
    this.#named = named
    this.mail = mail
  }

  /** Calls the function. */
  start(args: readonly unknown[]): void {
    try {
      const result = this.#named.fn.apply(new Caller(this.#owner, this), args as unknown[])
      if (!isThenable(result)) return this.#resolve(result)
      this.#arm()
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
    this.#fail(name, message)
  }

  ownerEnded(givenUp: unknown): void {
    if (givenUp === undefined || this.#ended) return
    this.#abort(givenUp)
    this.#fail('AbortError', `${this.#title}: the call was given up`, true)
  }

  /** Its context is gone: nobody waits for it. */
  contextGone(reason: unknown): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#abort(reason)
  }

  /** Made when asked for: it costs more than all the rest. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#abortedWith) this.#controller.abort(this.#abortedWith.reason)
    }
    return this.#controller.signal
  }

  get #title(): string {
    const { name, sync } = this.#named
    return sync ? `host.sync.${name}` : `host.${name}`
  }

  /** Only what takes its time can take too long. */
  #arm(): void {
    const timeout = this.#named.timeout ?? this.#owner.timeout
    if (this.#ended || timeout === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => {
      const message = `${this.#title}: no answer within ${timeout} ms`
      this.#abort(new DOMException(message, 'TimeoutError'))
      this.#fail('TimeoutError', message)
    }, timeout).unref()
  }

  #abort(reason: unknown): void {
    this.#abortedWith = { reason }
    this.#controller?.abort(reason)
  }

  #resolve(value: unknown): void {
    if (this.#ended) return
    try {
      this.#end({ ok: true, value: this.#owner.encode(value) }, false)
    } catch (error) {
      this.#owner.failed(this.#named.name, error, 'gave')
      this.#fail('DataCloneError', `${this.#title}: ${messageOf(error)}`)
    }
  }

  #reject(error: unknown): void {
    if (this.#ended) return
    this.#owner.failed(this.#named.name, error, 'threw')
    this.#fail(nameOf(error), messageOf(error))
  }

  #fail(name: string, message: string, over = false): void {
    this.#end({ ok: false, value: this.#owner.encodeError(name, message) }, over)
  }

  #end(outcome: HostOutcome, over: boolean): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#owner.ended(this, outcome, over)
  }
}

class Caller implements HostCaller {
  readonly contextId: string
  readonly key: string
  readonly #call: HostCall

  constructor({ contextId, key }: HostCallOwner, call: HostCall) {
    this.contextId = contextId
    this.key = key
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#call.signal
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
  return textOf(() => (error instanceof Error ? error.name : 'Error'))
}

function messageOf(error: unknown): string {
  return textOf(() => (error instanceof Error ? error.message : error))
}

function textOf(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return ''
  }
}
