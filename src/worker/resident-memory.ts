import { openSync, readFileSync, readSync } from 'node:fs'

/**
 * A reader of this process's resident memory, in bytes: of `/proc/self/statm` where there is one,
 * which takes a few microseconds.
 */
export function residentMemory(): () => number {
  try {
    const file = openSync('/proc/self/statm', 'r')
    const buffer = Buffer.alloc(128)
    const pageSize = systemPageSize()
    return () => {
      const size = readSync(file, buffer, 0, buffer.length, 0)
      return Number(buffer.toString('latin1', 0, size).split(' ')[1]) * pageSize
    }
  } catch {
    return () => process.memoryUsage.rss()
  }
}

/** The size of the kernel's pages follows from a figure that it gives in both units. */
function systemPageSize(): number {
  const kib = Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[0])
  const size = (kib * 1024) / pages
  // The two figures are read one after the other: round to a power of two.
  return Number.isFinite(size) ? 2 ** Math.round(Math.log2(size)) : 4096
}
