import { VmService } from '../src/index.js'
import { CALL, MAKE, startBareContexts } from './support/bare-contexts.js'
import { callsPerSecond, paceOf } from './support/load.js'
import { progress } from './support/progress.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const CONTEXTS = [10, 100, 1000, 10_000]
const IN_FLIGHT = 64
/** Of one process, in bytes: more than so many contexts need. */
const MEMORY_LIMIT = 8 * 2 ** 30
/** Creations under way at a time. */
const CREATING = 16

/** One process with so many contexts in it. */
interface Crowd {
  readonly name: string
  readonly contexts: number
  add(context: number, a: number, b: number): Promise<number>
  stop(): Promise<void>
}

export const question: Question = {
  title: 'Growth: what do calls cost when a process has many contexts?',
  method:
    `add(a, b) in one context after the other, ${IN_FLIGHT} calls in flight, processes with ever more\n` +
    'contexts; beside a bare process with as many bare vm contexts behind a framed socket: what\n' +
    'falls there falls with the caches of the processor. More is better.',
  baseline: nameOf(10),
  async ask({ quick }) {
    const { rounds, duration, warmUp } = paceOf(quick)
    const sizes = quick ? CONTEXTS.slice(0, 2) : CONTEXTS
    const measure = async (crowd: Crowd, ms: number): Promise<number> =>
      await callsPerSecond(IN_FLIGHT, ms, async (count) => {
        const answer = await crowd.add(count % crowd.contexts, count, 7)
        if (answer !== count + 7) throw new Error(`add(${count}, 7) was answered with ${answer}`)
      })
    const rows: Row[] = []
    for (const [quantity, start] of [
      ['bare', bareCrowd],
      ['vmring', vmringCrowd],
    ] as const) {
      const crowds: Crowd[] = []
      try {
        for (const size of sizes) {
          progress.step(`making ${size} contexts`)
          crowds.push(await start(size))
        }
        for (const crowd of crowds) {
          for (let i = 0; i < crowd.contexts; i++) await crowd.add(i, i, 7)
          await measure(crowd, warmUp)
        }
        const series = await interleave(crowds, rounds, (crowd) => measure(crowd, duration))
        rows.push(...rowsOf(series, nameOf(10), quantity, 'calls/s', (rate) => rate))
      } finally {
        await Promise.all(crowds.map((crowd) => crowd.stop()))
      }
    }
    return rows
  },
}

function nameOf(contexts: number): string {
  return `${contexts.toLocaleString('en-US')} contexts`
}

async function bareCrowd(contexts: number): Promise<Crowd> {
  const { request, stop } = startBareContexts(MEMORY_LIMIT)
  await request(MAKE, 0, contexts)
  return {
    name: nameOf(contexts),
    contexts,
    add: (context, a, b) => request(CALL, context, [a, b]) as Promise<number>,
    stop,
  }
}

async function vmringCrowd(contexts: number): Promise<Crowd> {
  const service = await VmService.start({
    processes: 1,
    spares: 0,
    memoryLimit: MEMORY_LIMIT,
    maxContexts: contexts,
    init: [{ source: 'function add(a, b) { return a + b }' }],
  })
  const made = await make(service, contexts)
  return {
    name: nameOf(contexts),
    contexts,
    add: async (context, a, b) => (await made[context]?.call<number>('add', [a, b])) as number,
    stop: () => service.close(),
  }
}

async function make(service: VmService, contexts: number) {
  const made: Awaited<ReturnType<VmService['createContext']>>[] = []
  let asked = 0
  const lane = async (): Promise<void> => {
    while (asked++ < contexts) {
      made.push(await service.createContext())
      progress.step(`${made.length} of ${contexts} contexts`)
    }
  }
  await Promise.all(Array.from({ length: CREATING }, lane))
  return made
}
