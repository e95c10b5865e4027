import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { type ExitCause, type ExitInfo, VmProcessError, VmTimeoutError } from '../errors.js'
import { deferred } from './deferred.js'
import { type Head, Task } from './task.js'

/** From a process's exit to the end of what it had written, in milliseconds. */
const LAST_BYTES_TIMEOUT = 100

/** Why a process ended that nobody here ended: V8 says so before it aborts for want of memory. */
export function causeOf(signal: NodeJS.Signals | null, stderr: string): ExitCause {
  if (signal === 'SIGKILL') return 'killed'
  return /out of memory|Allocation failed|\bOOM\b/.test(stderr) ? 'memory' : 'crash'
}

/** What the process said of its end: V8 frames it in lines of `#`. */
export function lastWords(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => /\w/.test(line))
  return lines.find((line) => /fatal(?! error in)/i.test(line)) ?? lines[0]
}

/**
 * Resolves when all that a process had written has been read; or soon, for something that the
 * process left behind may hold its descriptors open.
 */
export async function lastBytes(streams: readonly Readable[]): Promise<void> {
  const { promise, resolve } = deferred<void>()
  const timer = setTimeout(resolve, LAST_BYTES_TIMEOUT)
  await Promise.race([promise, Promise.all(streams.map(closed))])
  clearTimeout(timer)
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await once(stream, 'close').catch(() => {})
}

/** Tells whoever waits for a process that is gone; it died in the turn of `head`, if that is known. */
export function failTasks(
  tasks: readonly Task[],
  head: Head | undefined,
  exit: ExitInfo,
  detail: string | undefined,
): void {
  // A turn can be one in which a call goes on.
  const guilty = head instanceof Task && head.onBehalfOf ? head.onBehalfOf : head
  for (const task of tasks) {
    if (task === guilty && exit.cause === 'unresponsive') {
      task.fail(new VmTimeoutError(task.timeout, 'run', false))
    } else {
      const role = task.context === head?.context ? 'culprit' : 'collateral'
      task.fail(new VmProcessError(role, exit, detail))
    }
  }
}
