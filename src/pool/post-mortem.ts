import type { ExitCause } from '../errors.js'

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
