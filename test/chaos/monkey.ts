import { setTimeout as delay } from 'node:timers/promises'
import type { VmContext } from '../../src/index.js'
import type { Supervisor } from '../../src/supervisor.js'
import { isAlive } from '../support/processes.js'
import { ABORT, CRASH } from '../watchdog/support.js'
import { HOST_SCRIPTS } from './hosting.js'
import type { Random } from './random.js'

/** Scripts that cost their call, their context or their process. */
const SCRIPTS = {
  loop: 'while (true) {}',
  microtasks: '(function next() { Promise.resolve().then(next) })()',
  late: '(async () => { await null; while (true) {} })()',
  getter: '({ get a() { while (true) {} } })',
  never: 'new Promise(() => {})',
  ...HOST_SCRIPTS,
  bomb: 'const hoard = []; while (true) hoard.push(new Uint8Array(1 << 18).fill(1))',
  crash: CRASH,
  abort: ABORT,
} as const

/** Breaks things: kills and stops processes from outside, and runs scripts that do it from inside. */
export class Monkey {
  readonly #random: Random
  readonly #supervisor: Supervisor
  readonly #did: (mischief: string) => void
  readonly #pending = new Set<Promise<unknown>>()

  constructor(random: Random, supervisor: Supervisor, did: (mischief: string) => void) {
    this.#random = random
    this.#supervisor = supervisor
    this.#did = did
  }

  async strike(contexts: readonly VmContext[]): Promise<void> {
    const dice = this.#random.next()
    if (dice < 0.12) return this.#signal('SIGKILL')
    if (dice < 0.15) return this.#signal('SIGSTOP')
    const context = this.#random.pick(contexts)
    if (!context) return await delay(10)
    const names = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]
    const name = dice < 0.3 ? drastic(dice) : this.#random.pick(names.slice(0, -3))
    if (!name) return
    this.#did(name)
    const timeout = name === 'bomb' ? 2000 : 10 + this.#random.below(40)
    const ran = context.eval(`{ ${SCRIPTS[name]} }`, { timeout }).catch(() => {})
    this.#pending.add(ran)
    void ran.finally(() => this.#pending.delete(ran))
  }

  /** Resolves when all it has begun is over, and no process is stopped. */
  async calm(): Promise<void> {
    await Promise.all(this.#pending)
    for (const { pid } of this.#supervisor.slots()) {
      if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGCONT')
    }
  }

  #signal(signal: 'SIGKILL' | 'SIGSTOP'): void {
    const pid = this.#random.pick(this.#supervisor.slots())?.pid
    if (pid === undefined) return
    try {
      process.kill(pid, signal)
      this.#did(signal)
    } catch {
      // It has just died of something else, and the service is about to hear of it.
    }
  }
}

/** What costs a process, or the memory of one; by a number in [0.15, 0.3). */
function drastic(dice: number): keyof typeof SCRIPTS {
  if (dice < 0.16) return 'crash'
  return dice < 0.2 ? 'abort' : 'bomb'
}
