/**
 * Every error that a vmring promise rejects with, apart from a caller's own abort reason.
 * `code` is stable: switch on it rather than on messages.
 */

/** Why a context can't be used any more. */
export type InvalidReason =
  | 'unknown'
  | 'destroyed'
  | 'owner-gone'
  | 'idle'
  | 'memory'
  | 'process-exit'
  | 'slot-removed'
  | 'service-closed'

/** The part a context played in the death of its process. */
export type Role = 'culprit' | 'collateral'

/** Why a process ended, as far as the service knows: the first cause recorded wins. */
export type ExitCause = 'crash' | 'memory' | 'unresponsive' | 'protocol' | 'killed'

export interface ExitInfo {
  /** The exit code, or null when a signal ended the process. */
  readonly code: number | null
  /** The signal that ended the process, or null. */
  readonly signal: NodeJS.Signals | null
  readonly cause: ExitCause
}

export type VmErrorCode =
  | 'ERR_VM_OPTION'
  | 'ERR_VM_SCRIPT'
  | 'ERR_VM_TIMEOUT'
  | 'ERR_VM_MEMORY'
  | 'ERR_VM_INVALID_CONTEXT'
  | 'ERR_VM_PROCESS'
  | 'ERR_VM_CONTEXT_EXISTS'
  | 'ERR_VM_OVERLOADED'
  | 'ERR_VM_SIZE'
  | 'ERR_VM_SERIALIZATION'
  | 'ERR_VM_DEGRADED'
  | 'ERR_VM_CLOSED'

// Registered symbols are shared by every copy of the package in a process, so `instanceof`
// holds between a service from one copy and a class imported from another.
const brand = (code: string): symbol => Symbol.for(`vmring.error.${code}`)
const anyBrand = Symbol.for('vmring.error')

function isBranded(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && mark in value
}

/** Base of every error of the package. */
export class VmError extends Error {
  readonly code: VmErrorCode

  constructor(code: VmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, 'name', {
      value: new.target.name,
      configurable: true,
      writable: true,
    })
    Object.defineProperty(this, anyBrand, { value: true })
    Object.defineProperty(this, brand(code), { value: true })
  }

  /** The stable code that `instanceof` compares in subclasses. */
  static readonly code: VmErrorCode | undefined = undefined

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A user's own subclass has no brand of its own: the ordinary prototype walk decides.
    if (this === VmError) return isBranded(value, anyBrand)
    return Object.hasOwn(this, 'code') && this.code !== undefined
      ? isBranded(value, brand(this.code))
      : Function.prototype[Symbol.hasInstance].call(this, value)
  }
}

/** An option or an argument is not what the API takes. `option` names it. */
export class VmOptionError extends VmError {
  static override readonly code = 'ERR_VM_OPTION'
  readonly option: string
  constructor(option: string, expected: string, got: unknown) {
    super('ERR_VM_OPTION', `${option}: expected ${expected}, got ${describe(got)}`)
    this.option = option
  }
}

export interface ScriptErrorDetails {
  readonly scriptName?: string | undefined
  readonly message: string
  readonly scriptStack?: string | undefined
  /** Own enumerable data properties of the script's error. */
  readonly properties?: Readonly<Record<string, unknown>>
  /** Present when the script threw something that is not an error. */
  readonly thrown?: { readonly value: unknown }
  readonly cause?: { readonly value: unknown }
}

/** The script threw, or its promise was rejected. */
export class VmScriptError extends VmError {
  static override readonly code = 'ERR_VM_SCRIPT'
  /** The error's own name, such as `'ReferenceError'`; undefined when a non-error was thrown. */
  readonly scriptName: string | undefined
  /** The stack inside the script, with the script's file names and lines. */
  readonly scriptStack: string | undefined
  /** Own enumerable data properties of the script's error. */
  readonly properties: Readonly<Record<string, unknown>>
  /** What was thrown, when that was not an error. */
  readonly thrown: unknown
  constructor(details: ScriptErrorDetails) {
    super(
      'ERR_VM_SCRIPT',
      details.scriptName === undefined
        ? details.message
        : details.message === ''
          ? details.scriptName
          : `${details.scriptName}: ${details.message}`,
      details.cause && { cause: details.cause.value },
    )
    this.scriptName = details.scriptName
    this.scriptStack = details.scriptStack
    this.properties = details.properties ?? {}
    this.thrown = details.thrown?.value
  }
}

/** A call did not start (`phase: 'queue'`) or did not end (`phase: 'run'`) in time. */
export class VmTimeoutError extends VmError {
  static override readonly code = 'ERR_VM_TIMEOUT'
  /** The budget that ran out, in milliseconds. */
  readonly timeout: number
  readonly phase: 'queue' | 'run'
  /** Whether the context lives on, with its state. */
  readonly contextSurvived: boolean
  constructor(timeout: number, phase: 'queue' | 'run', contextSurvived: boolean) {
    super(
      'ERR_VM_TIMEOUT',
      phase === 'queue'
        ? `the call did not start within ${timeout} ms`
        : `the call did not end within ${timeout} ms${contextSurvived ? '' : '; there is no context'}`,
    )
    this.timeout = timeout
    this.phase = phase
    this.contextSurvived = contextSurvived
  }
}

/** A call took its process past `memoryLimit`. Sizes are in bytes. */
export class VmMemoryError extends VmError {
  static override readonly code = 'ERR_VM_MEMORY'
  readonly limit: number
  readonly rss: number
  constructor(limit: number, rss: number) {
    super(
      'ERR_VM_MEMORY',
      rss > limit
        ? `the process reached ${rss} bytes, over its limit of ${limit}`
        : `the process holds ${rss} bytes, too close to its limit of ${limit} for another context`,
    )
    this.limit = limit
    this.rss = rss
  }
}

/** The context is gone, or never was. */
export class VmInvalidContextError extends VmError {
  static override readonly code = 'ERR_VM_INVALID_CONTEXT'
  readonly contextId: string
  readonly reason: InvalidReason
  constructor(contextId: string, reason: InvalidReason) {
    super('ERR_VM_INVALID_CONTEXT', `context ${JSON.stringify(contextId)} is invalid: ${reason}`)
    this.contextId = contextId
    this.reason = reason
  }
}

/** The process died under the call. */
export class VmProcessError extends VmError {
  static override readonly code = 'ERR_VM_PROCESS'
  readonly role: Role
  readonly exit: ExitInfo
  constructor(role: Role, exit: ExitInfo, detail?: string) {
    const how = exit.signal === null ? `code ${exit.code}` : exit.signal
    super(
      'ERR_VM_PROCESS',
      `the process ended (${exit.cause}, ${how})${role === 'collateral' ? ' under another context' : ''}${detail ? `: ${detail}` : ''}`,
    )
    this.role = role
    this.exit = exit
  }
}

/** `createContext({ id })` of a context that is alive. */
export class VmContextExistsError extends VmError {
  static override readonly code = 'ERR_VM_CONTEXT_EXISTS'
  readonly contextId: string
  constructor(contextId: string) {
    super('ERR_VM_CONTEXT_EXISTS', `context ${JSON.stringify(contextId)} exists already`)
    this.contextId = contextId
  }
}

/** The service holds as many waiting calls, contexts or processes of a context's own as it may. */
export class VmOverloadedError extends VmError {
  static override readonly code = 'ERR_VM_OVERLOADED'
  readonly limit: number
  readonly of: 'queue' | 'contexts' | 'processes'
  constructor(of: 'queue' | 'contexts' | 'processes', limit: number) {
    super(
      'ERR_VM_OVERLOADED',
      {
        queue: `${limit} calls are waiting already`,
        contexts: `the service holds ${limit} contexts already`,
        processes: `as many keys as may have a process of their own: ${limit}`,
      }[of],
    )
    this.limit = limit
    this.of = of
  }
}

/** A source, the encoded arguments or an encoded result is too large. Sizes are in bytes. */
export class VmSizeError extends VmError {
  static override readonly code = 'ERR_VM_SIZE'
  readonly size: number
  readonly limit: number
  constructor(what: string, size: number, limit: number) {
    super('ERR_VM_SIZE', `${what}: ${size} bytes, over the limit of ${limit}`)
    this.size = size
    this.limit = limit
  }
}

/** A value can't travel. `path` leads to it, such as `args[0].user["home page"]`. */
export class VmSerializationError extends VmError {
  static override readonly code = 'ERR_VM_SERIALIZATION'
  readonly path: string
  constructor(path: string, why: string) {
    super('ERR_VM_SERIALIZATION', `${path}: ${why}`)
    this.path = path
  }
}

/** The slot can't start a process at present. `retryAt` is in milliseconds of `Date.now()`. */
export class VmDegradedError extends VmError {
  static override readonly code = 'ERR_VM_DEGRADED'
  readonly slot: string
  readonly retryAt: number
  constructor(slot: string, retryAt: number, cause?: unknown) {
    super(
      'ERR_VM_DEGRADED',
      `${slot} can't start a process${cause instanceof Error ? ` (${cause.message})` : ''}; the next try is at ${new Date(retryAt).toISOString()}`,
      cause === undefined ? undefined : { cause },
    )
    this.slot = slot
    this.retryAt = retryAt
  }
}

/** The service is closed or closing. */
export class VmClosedError extends VmError {
  static override readonly code = 'ERR_VM_CLOSED'
  constructor() {
    super('ERR_VM_CLOSED', 'the service is closed')
  }
}

/** A short, safe description of any value for a message. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
    case 'bigint':
      return `${value}n`
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? 'an array' : 'an object'
    default:
      return String(value)
  }
}
