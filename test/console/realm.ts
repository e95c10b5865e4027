import { createContext, type RunningScriptOptions, runInContext } from 'node:vm'
import type { ConsoleLimits, ContextConsole } from '../../src/worker/realm/console.js'
import { consoleSource } from '../../src/worker/realm/console-source.js'

/** A plain context with the console in it, and what it wrote. */
export interface ConsoleRealm {
  readonly lines: string[]
  readonly levels: number[]
  run(source: string, options?: RunningScriptOptions): unknown
  refill(): void
  /** What one script writes with `console.log` of some arguments. */
  log(args: string): string
}

/** Far more than a test of anything else needs. */
const AMPLE: ConsoleLimits = { maxLine: 200_000, maxLines: 1e6, maxText: 1e9 }

export function createConsoleRealm(
  limits: Partial<ConsoleLimits> = {},
  emit: (level: number, text: string) => void = () => {},
  now: () => number = () => 0,
): ConsoleRealm {
  const lines: string[] = []
  const levels: number[] = []
  const context = createContext({}, { microtaskMode: 'afterEvaluate' })
  const run: ConsoleRealm['run'] = (source, options) => runInContext(source, context, options)
  type Create = (
    emit: (level: number, text: string) => void,
    now: () => number,
    limits: ConsoleLimits,
  ) => ContextConsole
  const create = run(`'use strict';(${consoleSource})`) as Create
  const write = (level: number, text: string): void => {
    emit(level, text)
    levels.push(level)
    lines.push(text)
  }
  const made = create(write, now, { ...AMPLE, ...limits })
  Object.defineProperty(run('globalThis'), 'console', { value: made.console, configurable: true })
  return {
    lines,
    levels,
    run,
    refill: made.refill,
    log(args) {
      lines.length = 0
      run(`console.log(${args})`)
      return lines.join('\n')
    },
  }
}
