import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { createContext } from 'node:vm'
import type { Build } from './support/builds.js'
import { BEFORE } from './support/builds.js'
import { callsPerSecond, paceOf } from './support/load.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'
import { percentile } from './support/stats.js'

const BARE = 'vm.createContext'
const BURSTS = [1, 8, 32]
/** Between bursts, in ms: time to prepare for the next one. */
const IDLE = 100
/** Creations under way at a time when they don't cease. */
const IN_FLIGHT = 8

/** Makes a context, and returns how to let go of it. */
interface Maker {
  readonly name: string
  make(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

export const question: Question = {
  title: 'Creation: what does a new context cost?',
  method:
    `createContext in one process, beside a bare vm.createContext in this one. Bursts of several,\n` +
    `one after the other, ${IDLE} ms apart: p50 of one creation; less is better. Sustained:\n` +
    `${IN_FLIGHT} creations under way without a pause, each context destroyed at once; more is better.\n` +
    'Medians of the rounds, and of their ratios.',
  baseline: BARE,
  async ask({ quick, builds, baseline }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    // Beside another build, that is what counts.
    const to = builds.some(({ name }) => name === BEFORE) ? baseline : BARE
    const makers: Maker[] = [bare(), ...(await Promise.all(builds.map(makerOf)))]
    try {
      const rows: Row[] = []
      for (const maker of makers) await sustained(maker, warmUp)
      for (const size of BURSTS) {
        const bursts = quick ? 1 : Math.max(3, Math.ceil(12 / size))
        const series = await interleave(makers, rounds, (maker) => inBursts(maker, bursts, size))
        const quantity = `burst of ${size}`
        rows.push(...rowsOf(series, to, quantity, 'us', (times) => percentile(times, 50)))
      }
      const series = await interleave(makers, rounds, (maker) => sustained(maker, duration))
      rows.push(...rowsOf(series, to, 'sustained', 'contexts/s', (rate) => rate))
      return rows
    } finally {
      for (const maker of makers) await maker.stop()
    }
  },
}

/** The time of each creation, in microseconds. */
async function inBursts(maker: Maker, bursts: number, size: number): Promise<number[]> {
  const times: number[] = []
  for (let burst = 0; burst < bursts; burst++) {
    await delay(IDLE)
    const made: (() => Promise<void>)[] = []
    for (let i = 0; i < size; i++) {
      const before = performance.now()
      made.push(await maker.make())
      times.push((performance.now() - before) * 1000)
    }
    for (const letGo of made) await letGo()
  }
  return times
}

function sustained(maker: Maker, duration: number): Promise<number> {
  return callsPerSecond(IN_FLIGHT, duration, async () => await (await maker.make())())
}

function bare(): Maker {
  // Garbage is not all collected before the program has a turn of its loop.
  const letGo = (): Promise<void> => setImmediate()
  return {
    name: BARE,
    async make() {
      createContext({}, { microtaskMode: 'afterEvaluate' })
      return letGo
    },
    async stop() {},
  }
}

async function makerOf({ name, VmService }: Build): Promise<Maker> {
  const service = await VmService.start({ processes: 1, spares: 0 })
  return {
    name,
    async make() {
      const context = await service.createContext()
      return () => context.destroy()
    },
    stop: () => service.close(),
  }
}
