import { setTimeout as delay } from 'node:timers/promises'
import { type VmContext, VmService, VmTimeoutError } from '../src/index.js'
import { LOOPS } from './support/loops.js'
import type { Question, Row } from './support/question.js'
import { interleave, type Series } from './support/rounds.js'
import { percentile } from './support/stats.js'

const TIMER = 'a bare timer'
const ALL = 'all loops'
/** In ms. */
const TIMEOUT = 20

export const question: Question = {
  title: 'Overshoot: how long past its deadline is an endless script ended?',
  method:
    `Loops of ten kinds under \`timeout: ${TIMEOUT}\`, one after the other in one process: from the\n` +
    'deadline to the rejection that the caller sees, beside how late a timer of the same time\n' +
    'is in this program. A neighbour in the same process must keep its state, and the process\n' +
    'must be the same to the end, or there is no result. Less is better.',
  baseline: TIMER,
  async ask({ quick }) {
    await using service = await VmService.start({ processes: 1, spares: 0, killGrace: 10_000 })
    let lostProcesses = 0
    service.on('processExit', () => lostProcesses++)
    const neighbour = await service.createContext()
    await neighbour.eval('let count = 0')
    let checks = 0
    const subjects = await Promise.all(
      Object.entries(LOOPS).map(async ([name, source]) => {
        const context = await service.createContext()
        await context.eval('let count = 0')
        let loops = 0
        const overshoot = async (): Promise<number> => {
          const late = await endless(context, source)
          await mustCount(context, ++loops)
          await mustCount(neighbour, ++checks)
          return late
        }
        return { name, overshoot }
      }),
    )
    const all = [{ name: TIMER, overshoot: lateTimer }, ...subjects]
    for (const { overshoot } of all) await overshoot()
    const series = await interleave(all, quick ? 1 : 100, ({ overshoot }) => overshoot())
    if (lostProcesses > 0) throw new Error(`${lostProcesses} processes were lost`)
    return rowsFor(series)
  },
}

/** In milliseconds past the deadline. */
async function endless(context: VmContext, source: string): Promise<number> {
  const before = performance.now()
  try {
    await context.eval(source, { timeout: TIMEOUT })
  } catch (error) {
    const elapsed = performance.now() - before
    if (error instanceof VmTimeoutError && error.contextSurvived) return elapsed - TIMEOUT
    throw error
  }
  throw new Error(`${source} has ended by itself`)
}

/** Throws unless the context still has its state. */
async function mustCount(context: VmContext, expected: number): Promise<void> {
  const count = await context.eval<number>('++count')
  if (count !== expected) {
    throw new Error(`a context lost its state: ${count} instead of ${expected}`)
  }
}

async function lateTimer(): Promise<number> {
  const before = performance.now()
  await delay(TIMEOUT)
  return performance.now() - before - TIMEOUT
}

function rowsFor(series: readonly Series<number>[]): Row[] {
  const loops = series.filter(({ name }) => name !== TIMER)
  const timer = series.filter(({ name }) => name === TIMER)
  const every = { name: ALL, rounds: loops.flatMap(({ rounds }) => rounds) }
  const late = [
    ...[50, 99, 100].flatMap((p) => percentileRows([...timer, every], p)),
    ...percentileRows(loops, 50),
    ...percentileRows(loops, 100),
  ]
  // Had there been any, there would be no result.
  const none = { unit: '', subject: ALL, value: { value: 0, spread: undefined }, ratio: undefined }
  return [
    ...late,
    { ...none, quantity: 'loops', value: { value: every.rounds.length, spread: undefined } },
    { ...none, quantity: 'lost processes' },
    { ...none, quantity: 'lost state' },
  ]
}

function percentileRows(series: readonly Series<number>[], p: number): Row[] {
  const base = series.find(({ name }) => name === TIMER)
  return series.map(({ name, rounds }) => {
    const value = percentile(rounds, p)
    const ratio =
      base && name !== TIMER
        ? { value: value / percentile(base.rounds, p), spread: undefined }
        : undefined
    const quantity = p === 100 ? 'max' : `p${p}`
    return { quantity, unit: 'ms', subject: name, value: { value, spread: undefined }, ratio }
  })
}
