import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { VmService } from '../src/index.js'
import { Sandbox } from '../src/pool/sandbox.js'
import { spawnWorker } from '../src/pool/spawn-worker.js'
import { Op } from '../src/wire/protocol.js'
import type { Question, Row } from './support/question.js'
import { interleave, type Series } from './support/rounds.js'
import { percentile } from './support/stats.js'

const START = 'bare start'

export const question: Question = {
  title: 'Recovery: how long is a slot without answers when its process is killed?',
  method:
    'From SIGKILL of the only process to the first answer of a new context on the slot, asked\n' +
    'for at once and again whenever the dead process takes it down; beside the time from the\n' +
    'bare start of the worker program to its hello. One sample a round, 100 of them in a\n' +
    'full run. Less is better.',
  baseline: START,
  async ask({ quick }) {
    const subjects = [
      { name: START, measure: startWorker },
      { name: 'vmring, spares: 1', measure: () => recover(1) },
      { name: 'vmring, spares: 0', measure: () => recover(0) },
    ]
    if (!quick) for (const { measure } of subjects) await measure()
    const series = await interleave(subjects, quick ? 1 : 100, ({ measure }) => measure())
    return [50, 99].flatMap((p) => percentileRows(series, p))
  },
}

/** From the start of a worker's process to its hello, in milliseconds. */
async function startWorker(): Promise<number> {
  const before = performance.now()
  const { child, socket } = spawnWorker({
    execPath: process.execPath,
    execArgv: [],
    inherited: [],
    sandbox: new Sandbox({
      mode: 'none',
      user: undefined,
      execPath: process.execPath,
      logger: pino({ level: 'silent' }),
    }),
    worker: {
      memoryLimit: 2 ** 29,
      maxDepth: 100,
      maxNodes: 1000,
      maxPayload: 65536,
      maxResult: 65536,
      features: { codeGeneration: true, web: true, sharedMemory: false, webAssembly: false },
      host: {
        functions: [],
        maxPending: 100,
        countsTime: false,
        timers: 'call',
        console: false,
        maxTimers: 1000,
      },
    },
  })
  const exited = once(child, 'exit')
  socket.ref()
  const [frame] = (await once(socket, 'data')) as [Buffer]
  const elapsed = performance.now() - before
  child.ref()
  child.kill('SIGKILL')
  await exited
  if (frame[4] !== Op.hello) throw new Error(`the first frame of a worker has opcode ${frame[4]}`)
  return elapsed
}

/** From SIGKILL to the first answer, in milliseconds. Each sample has a service of its own. */
async function recover(spares: number): Promise<number> {
  await using service = await VmService.start({ processes: 1, spares })
  await firstAnswer(service)
  // Nothing tells when a spare is warm, but the statistics do.
  while (service.stats().spares < spares) await delay(1)
  const killed = service.stats().slots[0]?.pid
  if (killed === undefined) throw new Error('the slot has no process')
  const before = performance.now()
  process.kill(killed, 'SIGKILL')
  await firstAnswer(service)
  const elapsed = performance.now() - before
  if (service.stats().slots[0]?.pid === killed) throw new Error('the process was not replaced')
  return elapsed
}

/** A new context's answer. */
async function firstAnswer(service: VmService): Promise<void> {
  const context = await service.createContext()
  const answer = await context.eval('40 + 2')
  if (answer !== 42) throw new Error(`40 + 2 was answered with ${answer}`)
}

function percentileRows(series: readonly Series<number>[], p: number): Row[] {
  const base = percentile(series.find(({ name }) => name === START)?.rounds ?? [], p)
  return series.map(({ name, rounds }) => {
    const value = percentile(rounds, p)
    const spread: [number, number] = [Math.min(...rounds), Math.max(...rounds)]
    return {
      quantity: `p${p}`,
      unit: 'ms',
      subject: name,
      value: { value, spread: p === 50 ? spread : undefined },
      ratio: name === START ? undefined : { value: value / base, spread: undefined },
    }
  })
}
