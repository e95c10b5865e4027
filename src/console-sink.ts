import type { Logger } from 'pino'
import type { ContextRecord } from './directory.js'
import { keyOf } from './ring/hash-ring.js'
import type { Line } from './wire/protocol.js'

/** What a script has printed. */
export interface ConsoleLine {
  readonly contextId: string
  readonly key: string
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly text: string
}

/** Gets what scripts print. What it gives is of no interest, but that it may be rejected. */
export type ConsoleFunction = (line: ConsoleLine) => unknown

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** Lines of one context, and of all, that pass at once and in each second; and bytes of all. */
const OWN = { burst: 500, rate: 100 } as const
const ALL = { burst: 5000, rate: 2000 } as const
const BYTES = { burst: 4 * 1024 * 1024, rate: 1024 * 1024 } as const

/** So much at once, and so much in each second. */
class Allowance {
  readonly #burst: number
  readonly #rate: number
  #left: number
  #filledAt: number

  constructor({ burst, rate }: { burst: number; rate: number }, now: number) {
    this.#burst = burst
    this.#rate = rate
    this.#left = burst
    this.#filledAt = now
  }

  spend(amount: number, now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#filledAt) * this.#rate) / 1000)
    this.#filledAt = now
    if (this.#left < amount) return false
    this.#left -= amount
    return true
  }
}

/**
 * Where the lines of scripts' consoles go. A context that prints more than it may loses lines, which are
 * counted and not so much as decoded: it can't slow the service down.
 */
export class ConsoleSink {
  readonly #write: (line: ConsoleLine) => void
  readonly #now: () => number
  readonly #lines: Allowance
  readonly #bytes: Allowance
  readonly #contexts = new WeakMap<ContextRecord, { lines: Allowance; dropped: number }>()

  /** `now` is in milliseconds, monotonic. */
  constructor(write: (line: ConsoleLine) => void, now = () => performance.now()) {
    this.#write = write
    this.#now = now
    this.#lines = new Allowance(ALL, now())
    this.#bytes = new Allowance(BYTES, now())
  }

  print(record: ContextRecord, lines: readonly Line[]): void {
    const now = this.#now()
    let context = this.#contexts.get(record)
    if (!context) {
      context = { lines: new Allowance(OWN, now), dropped: 0 }
      this.#contexts.set(record, context)
    }
    for (const { level, text } of lines) {
      const isFine =
        context.lines.spend(1, now) &&
        this.#lines.spend(1, now) &&
        this.#bytes.spend(text.length, now)
      if (!isFine) {
        context.dropped++
        continue
      }
      if (context.dropped > 0) this.#put(record, 2, `… ${context.dropped} lines were dropped`)
      context.dropped = 0
      this.#put(record, level, Buffer.from(text.buffer, text.byteOffset, text.length).toString())
    }
  }

  #put({ id }: ContextRecord, level: number, text: string): void {
    this.#write({ contextId: id, key: keyOf(id), level: LEVELS[level] ?? 'info', text })
  }
}

/** To the logger, or to a function of the user's, whose errors are the logger's. */
export function consoleSink(
  console: 'ignore' | 'log' | ConsoleFunction,
  logger: Logger,
): ConsoleSink | undefined {
  if (console === 'ignore') return undefined
  if (console === 'log') {
    return new ConsoleSink(({ level, text, ...line }) =>
      logger[level]({ ...line, text }, 'console'),
    )
  }
  const onError = (error: unknown): void =>
    logger.error({ err: error }, 'the console function threw')
  return new ConsoleSink((line) => {
    try {
      // It may be asynchronous all the same.
      Promise.resolve(console(line)).catch(onError)
    } catch (error) {
      onError(error)
    }
  })
}
