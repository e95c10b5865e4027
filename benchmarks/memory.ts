import { type VmContext, VmService } from '../src/index.js'
import { MAKE, startBareContexts } from './support/bare-contexts.js'
import { progress } from './support/progress.js'
import type { Question } from './support/question.js'
import { residentMemory } from './support/resident.js'
import { interleave, rowsOf } from './support/rounds.js'

const BARE = 'vm.createContext'
/** Of one process, in bytes: more than any of these contexts need. */
const MEMORY_LIMIT = 4 * 2 ** 30

type Use = (context: VmContext) => Promise<unknown>

export const question: Question = {
  title: 'Memory: what does a live context hold?',
  method:
    'Resident memory of a process that holds many, less that of the same process when it held\n' +
    'one, divided by their number; nobody collects garbage for the occasion. Beside bare\n' +
    'vm.createContext in a bare process. Each round has its own processes. Less is better.',
  baseline: BARE,
  async ask({ quick }) {
    const rounds = quick ? 1 : 5
    const contexts = quick ? 50 : 1000
    const subjects = [
      { name: BARE, measure: () => bare(contexts) },
      { name: 'vmring, no object crossed', measure: () => ours(contexts, crossNumbers) },
      { name: 'vmring, an object crossed', measure: () => ours(contexts, crossObject) },
    ]
    const series = await interleave(subjects, rounds, ({ measure }) => measure())
    return rowsOf(series, BARE, `${contexts} contexts`, 'KiB each', (bytes) => bytes / 1024)
  },
}

async function bare(contexts: number): Promise<number> {
  const child = startBareContexts(MEMORY_LIMIT)
  try {
    await child.request(MAKE, 0, 1)
    const before = residentMemory(child.pid)
    await child.request(MAKE, 0, contexts)
    return (residentMemory(child.pid) - before) / (contexts - 1)
  } finally {
    await child.stop()
  }
}

async function ours(contexts: number, use: Use): Promise<number> {
  await using service = await VmService.start({
    processes: 1,
    spares: 0,
    memoryLimit: MEMORY_LIMIT,
  })
  const memory = (): number => residentMemory(service.stats().slots[0]?.pid ?? 0)
  await use(await service.createContext())
  const before = memory()
  for (let i = 1; i < contexts; i++) {
    if (i % 100 === 0) progress.step(`${i} of ${contexts} contexts`)
    await use(await service.createContext())
  }
  return (memory() - before) / (contexts - 1)
}

/** Such as most calls do: primitives only, both ways. */
const crossNumbers: Use = async (context) => {
  const sum = await context.eval('40 + 2')
  if (sum !== 42) throw new Error(`40 + 2 was answered with ${sum}`)
}

const crossObject: Use = async (context) => {
  const same = await context.call('Object.freeze', [{ a: 1 }])
  if ((same as { a?: number }).a !== 1) throw new Error('an object came back as another')
}
