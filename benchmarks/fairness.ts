import { type VmContext, VmService } from '../src/index.js'
import type { Question } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'
import { percentile } from './support/stats.js'

const ALONE = 'alone, window full'
/** Calls that a process is given at a time: see docs/architecture.md. */
const WINDOW = 128
const QUEUED = 10_000
const MANY = `neighbour with ${QUEUED.toLocaleString('en-US')}`

export const question: Question = {
  title: 'Fairness: what does a neighbour with thousands of queued calls cost?',
  method:
    `Two contexts on one slot, add(a, b). Alone, a context keeps its process's window of ${WINDOW} calls\n` +
    `full by itself. Beside a neighbour it makes one call after the other, while the neighbour\n` +
    `keeps ${WINDOW} calls under way, or ${QUEUED.toLocaleString('en-US')} queued. Shown is the time of the first\n` +
    "one's calls: the medians of the rounds' p50 and p99, and of their ratios. Less is better.",
  baseline: ALONE,
  async ask({ quick }) {
    const rounds = quick ? 1 : 9
    const samples = quick ? 10 : 500
    await using service = await VmService.start({ processes: 1, spares: 0, maxQueue: 2 * QUEUED })
    const context = await adder(service)
    const neighbour = await adder(service)
    const subjects = [
      // So many more for the same time: what collections do to the last hundredth would be chance.
      { name: ALONE, measure: () => times(context, WINDOW, samples * 100) },
      {
        name: `neighbour with ${WINDOW}`,
        measure: () => beside(neighbour, WINDOW, () => times(context, 1, samples)),
      },
      {
        name: MANY,
        measure: () => beside(neighbour, QUEUED, () => times(context, 1, samples)),
      },
    ]
    if (!quick) for (const { measure } of subjects) await measure()
    const series = await interleave(subjects, rounds, ({ measure }) => measure())
    return [50, 99].flatMap((p) =>
      rowsOf(series, ALONE, `p${p}`, 'us', (measured) => percentile(measured, p)),
    )
  },
}

async function adder(service: VmService): Promise<VmContext> {
  const context = await service.createContext()
  await context.eval('function add(a, b) { return a + b }')
  return context
}

/** The time of each call, in microseconds. */
async function times(context: VmContext, inFlight: number, samples: number): Promise<number[]> {
  const measured: number[] = []
  let calls = 0
  const lane = async (): Promise<void> => {
    while (calls < samples) {
      const before = performance.now()
      await add(context, ++calls)
      measured.push((performance.now() - before) * 1000)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return measured
}

/** Does something while another context keeps so many calls waiting. */
async function beside<T>(
  neighbour: VmContext,
  queued: number,
  measure: () => Promise<T>,
): Promise<T> {
  let over = false
  let answered = 0
  let settle = (): void => {}
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  const lane = async (_: unknown, i: number): Promise<void> => {
    while (!over) {
      // Without another async function around each call: of thousands that wait, what is measured
      // would be the collector at work on those.
      check(await neighbour.call<number>('add', [i, 7]), i)
      if (++answered === queued) settle()
    }
  }
  const lanes = Array.from({ length: queued }, lane)
  try {
    // Not the moment in which so many calls are made at once, but what follows.
    await settled
    return await measure()
  } finally {
    over = true
    await Promise.all(lanes)
  }
}

async function add(context: VmContext, a: number): Promise<void> {
  check(await context.call<number>('add', [a, 7]), a)
}

function check(answer: number, a: number): void {
  if (answer !== a + 7) throw new Error(`add(${a}, 7) was answered with ${answer}`)
}
