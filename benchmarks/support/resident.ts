import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The resident memory of a process, in bytes. */
export function residentMemory(pid: number): number {
  const kib =
    process.platform === 'linux'
      ? /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  const bytes = Number(kib) * 1024
  if (!(bytes > 0)) throw new Error(`process ${pid} doesn't tell its memory`)
  return bytes
}
