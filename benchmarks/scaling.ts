import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type VmContext, VmService } from '../src/index.js'
import { burn, stepsPerMillisecond } from './support/burn.js'
import { startFramedChild } from './support/framed-child.js'
import { callsPerSecond, paceOf } from './support/load.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const BURN_CHILD = fileURLToPath(new URL('./support/burn-child.js', import.meta.url))
const ONE = '1 process'
const PROCESSES = [1, 2, 4, 8, 16]
/** For each process: enough to keep it at work while an answer travels. */
const IN_FLIGHT = { burn: 4, add: 64 }

/** Some processes that do the same thing. */
interface Crew {
  readonly name: string
  readonly processes: number
  /** Has one of them work for a millisecond or so. */
  burn(count: number, steps: number): Promise<number>
  add(count: number): Promise<number>
  stop(): Promise<void>
}

export const question: Question = {
  title: 'Scaling: how does throughput grow with processes?',
  method:
    'Calls of 1 ms of work, 4 in flight for each process: bare processes, and vmring with a context\n' +
    'in each. Per core is what each process, or each core when those are fewer, does of them.\n' +
    'add(a, b) hardly works: past one process, what answers how fast is the one thread that\n' +
    'calls and that needs a core, too. More is better.',
  baseline: ONE,
  async ask({ quick }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    const sizes = quick ? PROCESSES.slice(0, 2) : PROCESSES
    const steps = stepsPerMillisecond()
    const result = burn(steps)
    const burning = (crew: Crew, ms: number): Promise<number> =>
      callsPerSecond(IN_FLIGHT.burn * crew.processes, ms, async (count) =>
        mustBe(await crew.burn(count, steps), result),
      )
    const adding = (crew: Crew, ms: number): Promise<number> =>
      callsPerSecond(IN_FLIGHT.add * crew.processes, ms, async (count) =>
        mustBe(await crew.add(count), count + 7),
      )
    const rows: Row[] = []
    for (const [name, start, measures] of [
      ['bare', bareCrew, { '1 ms': burning }],
      ['vmring', vmringCrew, { '1 ms': burning, add: adding }],
    ] as const) {
      const crews: Crew[] = []
      try {
        for (const size of sizes) crews.push(await start(size))
        for (const [what, measure] of Object.entries(measures)) {
          for (const crew of crews) await measure(crew, warmUp)
          const rates = await interleave(crews, rounds, async (crew) => {
            const rate = await measure(crew, duration)
            return { rate, perCore: rate / Math.min(crew.processes, availableParallelism()) }
          })
          rows.push(...rowsOf(rates, ONE, `${name}, ${what}`, 'calls/s', ({ rate }) => rate))
          if (what === 'add') continue
          const quantity = `${name}, ${what}, per core`
          rows.push(...rowsOf(rates, ONE, quantity, 'calls/s', ({ perCore }) => perCore))
        }
      } finally {
        await Promise.all(crews.map((crew) => crew.stop()))
      }
    }
    return rows
  },
}

function nameOf(processes: number): string {
  return processes === 1 ? ONE : `${processes} processes`
}

async function bareCrew(processes: number): Promise<Crew> {
  const children = Array.from({ length: processes }, () => startFramedChild(BURN_CHILD))
  return {
    name: nameOf(processes),
    processes,
    burn: async (count, steps) =>
      (await children[count % processes]?.request(1, 1, steps)) as number,
    add: () => Promise.reject(new Error('a bare crew only burns')),
    stop: async () => void (await Promise.all(children.map((child) => child.stop()))),
  }
}

async function vmringCrew(processes: number): Promise<Crew> {
  const service = await VmService.start({
    processes,
    spares: 0,
    init: [{ source: `${burn}; function add(a, b) { return a + b }` }],
  })
  const contexts = await oneForEachSlot(service, processes)
  const context = (count: number): VmContext => contexts[count % processes] as VmContext
  return {
    name: nameOf(processes),
    processes,
    burn: (count, steps) => context(count).call<number>('burn', [steps]),
    add: (count) => context(count).call<number>('add', [count, 7]),
    stop: () => service.close(),
  }
}

/** Keys are spread by a hash: contexts that come to a slot that has one are given back. */
async function oneForEachSlot(service: VmService, processes: number): Promise<VmContext[]> {
  const found = new Map<string, VmContext>()
  while (found.size < processes) {
    const context = await service.createContext()
    if (found.has(context.slot)) await context.destroy()
    else found.set(context.slot, context)
  }
  return [...found.values()]
}

function mustBe(answer: number, expected: number): void {
  if (answer !== expected) throw new Error(`${answer} came where ${expected} was expected`)
}
