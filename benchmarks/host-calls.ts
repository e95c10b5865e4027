import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { syncFunction, type VmContext, VmService } from '../src/index.js'
import type { Question, Row } from './support/question.js'
import { interleave, rowsOf } from './support/rounds.js'

const PLAIN = 'call of a script'
const BARE = 'bare blocking exchange'
const ROUNDS = { quick: 2, full: 9 }
const TIMES = { quick: 50, full: 2000 }

interface Subject {
  readonly name: string
  /** Makes so many calls, one after the other. Resolves to the microseconds that one took. */
  readonly measure: (times: number) => Promise<number>
}

export const question: Question = {
  title: 'Host calls: what does it cost a script to call its host?',
  method:
    'add(a, b), one after the other, in microseconds. Asynchronous: a script awaits `host.add` in a loop,\n' +
    "beside the host's own calls of a function in a context. Synchronous: a script loops over\n" +
    '`host.sync.add`, beside a bare process that exchanges 32 bytes with its parent over a blocking\n' +
    'socket. Less is better.',
  baseline: PLAIN,
  async ask({ quick }) {
    const rounds = quick ? ROUNDS.quick : ROUNDS.full
    const times = quick ? TIMES.quick : TIMES.full
    const add = (a: number, b: number): number => a + b
    const functions = { add, addSync: syncFunction(add) }
    await using service = await VmService.start({ processes: 1, spares: 0, functions })
    await using context = await service.createContext()
    await context.eval(`function add(a, b) { return a + b }
      async function ask(times) { let sum = 0; for (let i = 0; i < times; i++) sum += await host.add(i, 1); return sum }
      function wait(times) { let sum = 0; for (let i = 0; i < times; i++) sum += host.sync.addSync(i, 1); return sum }`)
    const bare = startBare()
    const rows: Row[] = []
    for (const [quantity, baseline, subjects] of [
      ['asynchronous', PLAIN, [plain(context), within(context, 'host.add', 'ask')]],
      ['synchronous', BARE, [bare.subject, within(context, 'host.sync.add', 'wait')]],
    ] as const) {
      for (const { measure } of subjects) await measure(times)
      const series = await interleave(subjects, rounds, ({ measure }) => measure(times))
      rows.push(...rowsOf(series, baseline, quantity, 'us', (time) => time))
    }
    await bare.stop()
    return rows
  },
}

function plain(context: VmContext): Subject {
  return {
    name: PLAIN,
    async measure(times) {
      const begun = performance.now()
      let sum = 0
      for (let i = 0; i < times; i++) sum += await context.call<number>('add', [i, 1])
      check(times, sum)
      return ((performance.now() - begun) * 1000) / times
    },
  }
}

/** A loop inside a context. */
function within(context: VmContext, name: string, path: string): Subject {
  return {
    name,
    async measure(times) {
      const begun = performance.now()
      check(times, await context.call(path, [times], { timeout: 60_000 }))
      return ((performance.now() - begun) * 1000) / times
    },
  }
}

function startBare(): { subject: Subject; stop(): Promise<void> } {
  const file = fileURLToPath(new URL('./support/blocking-child.js', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] })
  const socket = child.stdio[3] as unknown as Socket
  socket.on('data', (bytes) => socket.write(bytes))
  const lines = createInterface(child.stdout as NodeJS.ReadableStream)
  const exited = once(child, 'exit')
  return {
    subject: {
      name: BARE,
      async measure(times) {
        const line = once(lines, 'line')
        child.stdin?.write(`${times}\n`)
        return Number((await line)[0])
      },
    },
    async stop() {
      child.stdin?.end()
      await exited
    },
  }
}

/** Throws when an answer is wrong: a fast wrong answer measures nothing. */
function check(times: number, sum: unknown): void {
  const expected = (times * (times + 1)) / 2
  if (sum !== expected) throw new Error(`expected ${expected}, got ${sum}`)
}
