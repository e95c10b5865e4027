import type { Logger } from 'pino'
import type { ExitInfo } from '../errors.js'
import type { Reply, Request } from '../wire/protocol.js'
import type { Mail } from './mail.js'
import type { SpawnOptions } from './spawn-worker.js'

export interface ProcessOptions extends SpawnOptions {
  /** What a process has to do first: run the start-up sources of every context, in `timeout` ms. */
  readonly init: (timeout: number) => Request
  /** From the start of the process to its hello, in milliseconds. */
  readonly startTimeout: number
  /** Run budget of the start-up sources, in milliseconds. */
  readonly initTimeout: number
  /** From a missed deadline to SIGKILL, in milliseconds. */
  readonly killGrace: number
  readonly logger: Logger
  /** Throws what the reply to that reports, unless it is a result. */
  readonly onInit: (reply: Reply, timeout: number) => void
}

/** What the holder of a process hears from it. */
export interface ProcessListener {
  /** There is room for another task. */
  onRoom(): void
  /** The process has destroyed a context for the memory it held. */
  onEvicted(context: number): void
  /** A script wants something of its host. */
  onMail(mail: Mail): void
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
