import { openSync, readFileSync, readSync } from 'node:fs'

/**
 * Who made the process grow. Resident memory is sampled at every look of the watchdog, and what
 * came on top since the last one is put down to the context that ran.
 */
export class MemoryMeter {
  readonly #read: () => number
  readonly #growth = new Map<number, number>()
  #last: number

  constructor(read = residentMemory()) {
    this.#read = read
    this.#last = read()
  }

  /** Resident memory now, in bytes; its growth is put down to `context`. */
  sample(context: number): number {
    const rss = this.#read()
    const delta = rss - this.#last
    if (delta > 0) {
      this.#growth.set(context, (this.#growth.get(context) ?? 0) + delta)
    } else if (delta < 0) {
      // What was collected was somebody's: everyone's share shrinks alike.
      const kept = rss / this.#last
      for (const [each, bytes] of this.#growth) this.#growth.set(each, bytes * kept)
    }
    this.#last = rss
    return rss
  }

  /** Begins anew from what is resident now: what came since the last sample is nobody's. */
  rebase(): number {
    this.#last = this.#read()
    return this.#last
  }

  /** The context with the most growth to its name, if that is at least `least` bytes. */
  largest(least: number): number | undefined {
    let largest: number | undefined
    let most = least
    for (const [context, bytes] of this.#growth) {
      if (bytes >= most) {
        most = bytes
        largest = context
      }
    }
    return largest
  }

  forget(context: number): void {
    this.#growth.delete(context)
  }
}

/** Reads `/proc/self/statm` where there is one: a few microseconds, against tens otherwise. */
function residentMemory(): () => number {
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

/** Pages of the kernel's accounting: their size follows from a figure it gives in both units. */
function systemPageSize(): number {
  const kib = Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[0])
  const size = (kib * 1024) / pages
  // The two figures are read one after the other: round to a power of two.
  return Number.isFinite(size) ? 2 ** Math.round(Math.log2(size)) : 4096
}
