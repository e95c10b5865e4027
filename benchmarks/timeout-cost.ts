import { createContext, Script } from 'node:vm'
import { VmService } from '../src/index.js'
import { callsPerSecond, paceOf } from './support/load.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const WITHOUT = 'no timeout'
const WITH = 'timeout: 1000'
/** In ms. */
const TIMEOUT = 1000
const IN_FLIGHT = 64
/** Calls made without a look at the clock. */
const STRIDE = 16

/** Answers calls for so many milliseconds. Resolves to calls per second. */
type Measure = (duration: number) => Promise<number>

interface Subject {
  readonly name: string
  readonly measure: Measure
}

export const question: Question = {
  title: 'Timeout cost: what does a timeout cost that is never missed?',
  method:
    `add(a, b) with \`timeout: ${TIMEOUT}\` and without, ABAB. vmring: two contexts in one process,\n` +
    `${IN_FLIGHT} calls in flight. node:vm: a compiled script in a context of this very process, with\n` +
    'its own `timeout` option. More is better.',
  baseline: WITHOUT,
  async ask({ quick }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    await using service = await VmService.start({ processes: 1, spares: 0 })
    const rows: Row[] = []
    for (const [quantity, subjects] of [
      ['vmring', await vmringSubjects(service)],
      ['node:vm', nodeSubjects()],
    ] as const) {
      for (const { measure } of subjects) await measure(warmUp)
      const series = await interleave(subjects, rounds, ({ measure }) => measure(duration))
      rows.push(...rowsOf(series, WITHOUT, quantity, 'calls/s', (rate) => rate))
    }
    return rows
  },
}

async function vmringSubjects(service: VmService): Promise<Subject[]> {
  const subject = async (name: string, timeout: number): Promise<Subject> => {
    const context = await service.createContext({ timeout })
    await context.eval('function add(a, b) { return a + b }')
    const measure: Measure = (duration) =>
      callsPerSecond(IN_FLIGHT, duration, async (count) =>
        check(count, await context.call<number>('add', [count, 7])),
      )
    return { name, measure }
  }
  return [await subject(WITHOUT, Number.POSITIVE_INFINITY), await subject(WITH, TIMEOUT)]
}

function nodeSubjects(): Subject[] {
  const subject = (name: string, options: { timeout?: number }): Subject => {
    const globals = { a: 0, b: 7 }
    const context = createContext(globals)
    const script = new Script('a + b')
    const measure: Measure = async (duration) => {
      let calls = 0
      const start = performance.now()
      while (performance.now() - start < duration) {
        for (let i = 0; i < STRIDE; i++) {
          globals.a = ++calls
          check(calls, script.runInContext(context, options))
        }
      }
      return calls / ((performance.now() - start) / 1000)
    }
    return { name, measure }
  }
  return [subject(WITHOUT, {}), subject(WITH, { timeout: TIMEOUT })]
}

/** Throws when an answer is wrong: a fast wrong answer measures nothing. */
function check(a: number, answer: unknown): void {
  if (answer !== a + 7) throw new Error(`add(${a}, 7) was answered with ${answer}`)
}
