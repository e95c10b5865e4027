import { VmService } from '../src/index.js'
import { burn, stepsPerMillisecond } from './support/burn.js'
import type { Question } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'
import { percentile } from './support/stats.js'

const BARE = 'the same function here'

export const question: Question = {
  title: "Computation: how fast is a script's own work?",
  method:
    'A function that computes for a millisecond, called a thousand times before it is measured, one call\n' +
    'at a time: in a context of vmring, and without any in this very process. Shown is the\n' +
    "median of the rounds' p50. Less is better.",
  baseline: BARE,
  async ask({ quick }) {
    const rounds = quick ? 1 : 9
    const calls = quick ? 5 : 100
    const steps = stepsPerMillisecond()
    const result = burn(steps)
    await using service = await VmService.start({ processes: 1, spares: 0 })
    const context = await service.createContext({ init: [{ source: `${burn}` }] })
    const subjects = [
      // Called like that it is not inlined: see src/worker/optimizer.ts for what V8 may make of it then.
      { name: BARE, call: async () => Reflect.apply(burn, undefined, [steps]) },
      { name: 'vmring', call: () => context.call<number>('burn', [steps]) },
    ]
    const times = async (call: () => Promise<number>, count: number): Promise<number[]> => {
      const measured: number[] = []
      for (let i = 0; i < count; i++) {
        const before = performance.now()
        if ((await call()) !== result) throw new Error('burn was answered with something else')
        measured.push(performance.now() - before)
      }
      return measured
    }
    if (!quick) for (const { call } of subjects) await times(call, 1000)
    const series = await interleave(subjects, rounds, ({ call }) => times(call, calls))
    return rowsOf(series, BARE, 'p50', 'ms', (measured) => percentile(measured, 50))
  },
}
