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
}
