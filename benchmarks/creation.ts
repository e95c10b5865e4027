import { createContext } from 'node:vm'
import type { Build } from './support/builds.js'
import type { Question } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'
import { percentile } from './support/stats.js'

const BARE = 'vm.createContext'

/** Makes a context and lets go of it. */
interface Maker {
  readonly name: string
  make(): Promise<void>
  stop(): Promise<void>
}

export const question: Question = {
  title: 'Creation: what does a new context cost?',
  method:
    'One createContext after the other, each destroyed before the next, in one process; beside\n' +
    'a bare vm.createContext in this one. Medians of the rounds, and of their ratios. Less is better.',
  baseline: BARE,
  async ask({ quick, builds, baseline }) {
    const rounds = quick ? 3 : 9
    const times = quick ? 20 : 200
    const makers: Maker[] = [bare(), ...(await Promise.all(builds.map(makerOf)))]
    try {
      for (const maker of makers) await creations(maker, times)
      const series = await interleave(makers, rounds, (maker) => creations(maker, times))
      // Beside another build, that is what counts.
      return rowsOf(series, builds.length > 1 ? baseline : BARE, 'p50', 'us', (measured) =>
        percentile(measured, 50),
      )
    } finally {
      for (const maker of makers) await maker.stop()
    }
  },
}

/** The time of each creation, in microseconds. */
async function creations(maker: Maker, times: number): Promise<number[]> {
  const measured: number[] = []
  for (let i = 0; i < times; i++) {
    const before = performance.now()
    await maker.make()
    measured.push((performance.now() - before) * 1000)
  }
  return measured
}

function bare(): Maker {
  return {
    name: BARE,
    async make() {
      createContext({}, { microtaskMode: 'afterEvaluate' })
    },
    async stop() {},
  }
}

async function makerOf({ name, VmService }: Build): Promise<Maker> {
  const service = await VmService.start({ processes: 1, spares: 0 })
  return {
    name,
    async make() {
      await using _ = await service.createContext()
    },
    stop: () => service.close(),
  }
}
