import type { Logger } from 'pino'
import type { ExitInfo } from '../errors.js'
import type { Reply, Source } from '../wire/protocol.js'
import type { SpawnOptions } from './spawn-worker.js'

export interface ProcessOptions extends SpawnOptions {
  /** Start-up sources of every context. */
  readonly init: readonly Source[]
  /** From the start of the process to its hello, in milliseconds. */
  readonly startTimeout: number
  /** Run budget of the start-up sources, in milliseconds. */
  readonly initTimeout: number
  /** From a missed deadline to SIGKILL, in milliseconds. */
  readonly killGrace: number
  readonly logger: Logger
  /** Throws what a reply reports, unless it is a result. */
  readonly check: (reply: Reply, timeout: number) => void
}

/** What the holder of a process hears from it. */
export interface ProcessListener {
  /** There is room for another task. */
  onRoom(): void
  /** The process has destroyed a context for the memory it held. */
  onEvicted(context: number): void
  /** The process is gone. */
  onExit(exit: ExitInfo, fault: Fault): void
}

/** Whose fault the end of a process was: contexts, by number. */
export interface Fault {
  /** The context whose turn it died in. */
  readonly culprit: number | undefined
  /** Those of whom one may have been it, when the culprit isn't known. */
  readonly suspects: readonly number[]
}
