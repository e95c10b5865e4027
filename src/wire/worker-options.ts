import type { HostFunctionName } from './protocol.js'

/** What scripts have beyond, or lack of, JavaScript as it usually is. */
export interface Features {
  /** `eval` and functions made of strings. */
  readonly codeGeneration: boolean
  /** `SharedArrayBuffer`, and `Atomics` without what waits. */
  readonly sharedMemory: boolean
  /**
   * What scripts expect of the web: `URL`, `TextEncoder`, `structuredClone`, `AbortController` and more.
   */
  readonly web: boolean
  /** `WebAssembly` without what is asynchronous. */
  readonly webAssembly: boolean
}

/** What scripts may ask of their host. */
export interface HostAccess {
  /** Functions of the host that all contexts have. */
  readonly functions: readonly HostFunctionName[]
  /** Host calls of a context that may be under way. */
  readonly maxPending: number
  /** Whether the time that the host takes counts as the script's. */
  readonly countsTime: boolean
  /** How long timers live: as long as the call that set them, or their context; or there are none. */
  readonly timers: 'call' | 'context' | 'none'
  /** Whether what scripts print is wanted. */
  readonly console: boolean
  /** Timers that a context may have. */
  readonly maxTimers: number
}

/** What a worker is told on its command line, as JSON. */
export interface WorkerOptions {
  /** Levels of nesting that a value may have. */
  readonly maxDepth: number
  /** Values that one message may hold. */
  readonly maxNodes: number
  /** Resident memory that the process may reach, in bytes. */
  readonly memoryLimit: number
  /** The largest payload of a request, in bytes. */
  readonly maxPayload: number
  /** The largest encoded result, in bytes. */
  readonly maxResult: number
  readonly features: Features
  readonly host: HostAccess
  /** The file of msgpackr's program. */
  readonly msgpack: string
  /** Descriptors to close first: they came down from whoever started the service. */
  readonly inherited: readonly number[]
}
