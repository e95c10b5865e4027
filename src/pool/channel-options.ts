import type { FrameError } from '../wire/framing.js'
import type { Mail } from './mail.js'
import type { Head } from './task.js'

export interface ChannelOptions {
  /** Writes bytes towards the process. */
  readonly write: (pieces: Buffer[]) => void
  /** Runs a function once the current callbacks and their promises are through. */
  readonly defer: (fn: () => void) => void
  /** The current time in milliseconds, monotonic. */
  readonly now: () => number
  /** The largest payload that may come, in bytes. */
  readonly maxPayload: number
  /** Requests have left: their time begins. */
  readonly onSent: () => void
  /** A task waits for a promise, and has so many milliseconds left. */
  readonly onSuspended: (left: number) => void
  readonly onHello: (version: number, pid: number) => void
  readonly onEvicted: (context: number) => void
  /** The process is in a turn that no task was sent for. */
  readonly onAside: (turn: Head) => void
  /** What a script wants of its host. */
  readonly onMail: (mail: Mail) => void
  /** `rss` in bytes while memory is short, undefined when it is no longer. */
  readonly onPressure: (rss: number | undefined) => void
  /** A task was answered, or waits for a promise: there is room for another. */
  readonly onRoom: () => void
  /** The process broke the protocol. */
  readonly onBroken: (error: FrameError) => void
}
