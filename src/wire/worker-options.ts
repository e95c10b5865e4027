/** What scripts have beyond, or lack of, JavaScript as it usually is. */
export interface Features {
  /** `eval` and functions made of strings. */
  readonly codeGeneration: boolean
  /** `SharedArrayBuffer`, and `Atomics` without what waits. */
  readonly sharedMemory: boolean
  /** `WebAssembly` without what is asynchronous. */
  readonly webAssembly: boolean
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
  /** The file of msgpackr's program. */
  readonly msgpack: string
  /** Descriptors to close first: they came down from whoever started the service. */
  readonly inherited: readonly number[]
}
