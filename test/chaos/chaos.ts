import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { VmContext, VmError, VmScriptError } from '../../src/index.js'
import { checkContextOptions, checkServiceOptions } from '../../src/option-checks.js'
import { Supervisor } from '../../src/supervisor.js'
import { inventoryOf } from '../support/internals.js'
import { children, until } from '../support/processes.js'
import { ECHOES, Hosting, startSource } from './hosting.js'
import { Monkey } from './monkey.js'
import { Random } from './random.js'

const MIB = 1024 * 1024
const CALLERS = 48
const MOST_CONTEXTS = 60
/** Between two calls of a caller, and two strikes of the monkey, in milliseconds at most. */
const PACE = { rest: 0, truce: 500 }
const CALM = { rest: 600, truce: 1500 }

export interface ChaosOptions {
  readonly seed: number
  /** Ends after this long, in milliseconds, … */
  readonly duration: number
  /** … but not before this many calls, or twice the time. */
  readonly calls: number
  /** Leaves processors to others: callers rest between calls, the monkey strikes a third as often. */
  readonly calm?: boolean
  readonly progress?: (report: ChaosReport) => void
}

export interface ChaosReport {
  calls: number
  /** How calls ended: `ok`, an error's code, or `aborted`. */
  readonly outcomes: Record<string, number>
  /** Exits of processes by cause. */
  readonly exits: Record<string, number>
  /** What the monkey did. */
  readonly mischief: Record<string, number>
  /** Live heap of the supervisor in bytes, sampled after a collection where there is `gc`. */
  readonly heap: number[]
}

interface Tenant {
  readonly context: VmContext
  readonly secret: string
}

/** Random use of a service while a monkey breaks things; see `Monkey` for what. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(options.seed)
  const report: ChaosReport = { calls: 0, outcomes: {}, exits: {}, mischief: {}, heap: [] }
  const before = children()
  const hosting = new Hosting()
  const supervisor = new Supervisor(
    checkServiceOptions({
      processes: 2,
      spares: 1,
      timeout: 2000,
      killGrace: 200,
      memoryLimit: 160 * MIB,
      probation: 300,
      maxContexts: MOST_CONTEXTS + CALLERS,
      functions: hosting.functions,
      hostCalls: { timeout: 300 },
    }),
    {
      processStart() {},
      processExit: ({ exit }) => count(report.exits, exit.cause),
      contextLost() {},
      contextCollected() {},
      degraded() {},
      recovered() {},
    },
  )
  hosting.evaluate = (id, source) =>
    new VmContext(supervisor, supervisor.find(id)).eval(source, { timeout: 300 })
  await supervisor.start()
  const tenants: Tenant[] = []
  let secrets = 0

  async function create(): Promise<void> {
    const secret = `secret-${secrets++}`
    const key = random.next() < 0.5 ? { key: `key-${random.below(20)}` } : {}
    // As start-up source it is there again after a reset.
    const init = [{ source: startSource(secret) }]
    const record = await supervisor.create(checkContextOptions({ ...key, init }))
    hosting.secrets.set(record.id, secret)
    record.onEnd(() => hosting.secrets.delete(record.id))
    tenants.push({ context: new VmContext(supervisor, record), secret })
  }

  async function echo({ context, secret }: Tenant): Promise<void> {
    const value = random.pick(VALUES)
    const path = random.next() < 0.88 ? 'echo' : (random.pick(ECHOES) ?? 'echo')
    const abort = random.next() < 0.02 ? new AbortController() : undefined
    const call = context.call(path, [value], abort ? { signal: abort.signal } : {})
    if (abort) queueMicrotask(() => abort.abort(ABORTED))
    assert.deepEqual(await call, [secret, value], 'an answer from another context, or a wrong one')
  }

  async function act(): Promise<void> {
    const dice = random.next()
    const at = random.below(tenants.length)
    const tenant = tenants[at]
    if (!tenant || (dice < 0.02 && tenants.length < MOST_CONTEXTS)) return await create()
    if (dice < 0.03) {
      tenants.splice(at, 1)
      return await tenant.context.destroy()
    }
    if (dice < 0.035) return await tenant.context.reset()
    if (dice < 0.1) {
      return assert.equal(
        await tenant.context
          .eval(`'${random.below(9)}' + secret`, {})
          .then((s) => String(s).slice(1)),
        tenant.secret,
      )
    }
    await echo(tenant)
  }

  let resting: Promise<void> | undefined
  /** Whoever rests at the same time goes on at the same time: waking up is what a lone call costs. */
  function rest(): Promise<void> {
    resting ??= delay(random.below(pace.rest)).then(() => {
      resting = undefined
    })
    return resting
  }

  async function caller(): Promise<void> {
    while (running()) {
      const outcome = await act().then(
        () => 'ok',
        (error: unknown) => outcomeOf(error),
      )
      report.calls++
      count(report.outcomes, outcome)
      // Contexts that are gone are no use to anybody.
      for (let i = tenants.length; i-- > 0; ) {
        if (tenants[i]?.context.signal.aborted) tenants.splice(i, 1)
      }
      if (pace.rest > 0) await rest()
      // Refused at once: to ask again at once would leave nobody the time to say that there is memory.
      else if (outcome === 'ERR_VM_MEMORY') await delay(10)
    }
  }

  const pace = options.calm ? CALM : PACE
  const start = performance.now()
  let stopped = false
  const running = (): boolean => {
    const elapsed = performance.now() - start
    return (
      elapsed < options.duration || (report.calls < options.calls && elapsed < 2 * options.duration)
    )
  }
  const monkey = new Monkey(random, supervisor, (mischief) => count(report.mischief, mischief))
  const pest = (async () => {
    while (!stopped) {
      await monkey.strike(tenants.map(({ context }) => context))
      await delay(random.below(pace.truce))
    }
  })()
  const sampler = setInterval(
    () => {
      globalThis.gc?.()
      report.heap.push(process.memoryUsage().heapUsed)
      options.progress?.(report)
    },
    Math.max(1000, options.duration / 40),
  )
  try {
    await Promise.all(Array.from({ length: CALLERS }, caller))
    stopped = true
    await pest
    await monkey.calm()
    await agree(supervisor)
  } finally {
    stopped = true
    clearInterval(sampler)
    await supervisor.close(0)
  }
  await until('every process is gone', () => children().length === before.length)
  await until('every host call has been told', () => hosting.hanging === 0)
  return report
}

/** Both sides hold the same contexts, once every slot has a process again. */
async function agree(supervisor: Supervisor): Promise<void> {
  // The death of one that was killed last is known when it is asked.
  for (const slot of supervisor.slots()) await inventoryOf(slot)
  await until('every slot is occupied', () =>
    supervisor.slots().every(({ state }) => state === 'occupied'),
  )
  for (const slot of supervisor.slots()) {
    const known = [...supervisor.registry.directory.of(slot).keys()]
    const held = await inventoryOf(slot)
    assert.deepEqual([...held].sort(byValue), known.sort(byValue), `contexts of ${slot.name}`)
  }
}

const byValue = (a: number, b: number): number => a - b
const ABORTED = new Error('the caller gave up')
const VALUES: readonly unknown[] = [
  0,
  'text',
  null,
  undefined,
  -0,
  12n ** 30n,
  [1, [2, [3]]],
  { a: 1, nested: { b: new Map([[1, 'x']]) } },
  new Uint8Array(1000).fill(7),
  new Date(0),
  'x'.repeat(10_000),
]

function outcomeOf(error: unknown): string {
  if (error === ABORTED) return 'aborted'
  // The host was asked of a process that was held up or stopped meanwhile.
  if (error instanceof VmScriptError && error.scriptName === 'TimeoutError') return 'host timeout'
  // Anything else is a bug of the service, or of this program.
  if (!(error instanceof VmError) || error.code === 'ERR_VM_SCRIPT') throw error
  return error.code
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
