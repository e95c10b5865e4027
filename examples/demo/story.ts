import {
  type VmContext,
  VmInvalidContextError,
  VmProcessError,
  type VmService,
  VmTimeoutError,
} from 'vmring'
import { type Checks, timed } from './check.js'
import { Journal, until } from './journal.js'
import { Lodger, renderUntil } from './lodger.js'
import { excerpt, heading, row } from './print.js'
import { drawRing } from './ring.js'
import type { Tenant } from './tenants.js'

/** Calls in flight when a process is killed, and how long each would have gone on, in ms. */
const BURST = 8
const BUSY = 500

/** The steps of the demonstration, in order. Each checks what it says. */
export class Story {
  readonly #service: VmService
  readonly #check: Checks
  readonly #journal: Journal
  readonly #lodgers: Lodger[] = []
  readonly #pids = new Set<number>()

  constructor(service: VmService, check: Checks) {
    this.#service = service
    this.#check = check
    this.#journal = new Journal(service)
  }

  async moveIn(tenants: readonly Tenant[], startTook: number): Promise<void> {
    heading(1, 'Every tenant gets a context, with its own library, on the slot of its key')
    const { slots } = this.#service.stats()
    row('processes', `${slots.length} on the ring, ready`, startTook)
    await this.#reportSpare(performance.now() - startTook)
    const { value, ms } = await timed(() =>
      Promise.all(tenants.map((tenant) => Lodger.moveIn(this.#service, tenant))),
    )
    this.#lodgers.push(...value)
    row('contexts', `${value.length} live, their libraries loaded`, ms)
    const { contexts } = this.#service.stats()
    this.#check.that(contexts === tenants.length, 'every tenant has a context', contexts)
    const pids = new Set(slots.map(({ pid }) => pid))
    this.#check.that(pids.size === slots.length, 'every slot has a process of its own')
    this.#draw()
  }

  async render(): Promise<void> {
    heading(2, 'Every tenant renders data of its own; the first lines:')
    for (const lodger of this.#lodgers) {
      const { value, ms } = await timed(() => lodger.render())
      this.#check.that(value.split(/\s+/).length > 20, `${lodger.id} renders its data`, value)
      lodger.rendered = value
      row(lodger.id, `${lodger.library} ${lodger.tenant.version}`, ms)
      excerpt(value, 3)
    }
  }

  async loopForEver(id: string, timeout: number): Promise<void> {
    heading(3, `The ${id} runs  while (true) {}  with a timeout of ${timeout} ms`)
    const culprit = this.#lodger(id)
    const others = this.#lodgers.filter(({ slot }) => slot !== culprit.slot)
    const loop = timed(() =>
      this.#check.rejects(culprit.context.eval('while (true) {}', { timeout }), VmTimeoutError),
    )
    const { answered, slowest } = await renderUntil(loop, others)
    const { value: error, ms } = await loop
    row('stopped', `${error.name}, phase ${error.phase}, timeout ${error.timeout} ms`, ms, 'yellow')
    this.#check.that(error.timeout === timeout && error.phase === 'run', 'its budget ran out')
    this.#check.that(answered > 0, 'the other slots answer in the meantime')
    row('meanwhile', `the other slots rendered ${answered} times; the slowest took`, slowest)
    // Whether the context outlives its turn depends on what it took to end that turn.
    if (error.contextSurvived) await this.#survived(culprit)
    else await this.#reportLost(culprit.slot, this.#on(culprit.slot), culprit)
  }

  async killProcess(spared: string): Promise<void> {
    const victims = this.#crowdBeside(this.#lodger(spared).slot)
    const { name, pid } = (victims[0] as Lodger).home
    heading(4, `Somebody sends SIGKILL to process ${pid} of ${name} while it works`)
    const first = (victims[0] as Lodger).render()
    const burst = Array.from({ length: BURST }, (_, i) =>
      (victims[i % victims.length] as Lodger).renderFor(BUSY),
    )
    const failures = burst.map((call) => this.#check.rejects(call, VmProcessError))
    // Its answer says that the process has taken up the next call.
    await first
    const { inFlight } = (victims[0] as Lodger).home
    this.#check.that(inFlight === BURST, `${BURST} calls are in flight`, inFlight)
    const killed = performance.now()
    process.kill(pid as number, 'SIGKILL')
    const errors = await Promise.all(failures)
    const settled = performance.now()
    const [error] = errors as [VmProcessError, ...VmProcessError[]]
    const how = `${error.name}, cause ${error.exit.cause}, signal ${error.exit.signal}`
    row('rejected', `${errors.length} calls in flight: ${how}`, settled - killed, 'yellow')
    this.#check.that(
      errors.every(({ exit }) => exit.signal === 'SIGKILL' && exit.cause === 'killed'),
      'every call says that its process was killed',
    )
    await this.#reportLost(name, victims)
    for (const { home } of victims) this.#check.that(home.pid !== pid, 'another process is there')
    this.#draw()
  }

  async collect(): Promise<void> {
    heading(5, 'An owner goes away: its context is dead, and is collected')
    const owner = new AbortController()
    const init = this.#lodger('changelog').tenant.init
    const context = await this.#service.createContext({ key: 'reader', owner: owner.signal, init })
    const html = await context.call('marked.parseInline', ['*owned* by a **signal**'])
    this.#check.that(html === '<em>owned</em> by a <strong>signal</strong>', 'it renders', html)
    row('created', `${context.id} on ${context.slot}`)

    const aborted = performance.now()
    owner.abort()
    const collected = await until('contextCollected is reported', () =>
      this.#journal.collected.find((event) => event.id === context.id),
    )
    this.#check.that(collected.reason === 'owner-gone', 'its owner is gone', collected.reason)
    row('collected', `contextCollected, reason ${collected.reason}`, collected.at - aborted)
    await this.#reportInvalid(context)
  }

  async restore(): Promise<void> {
    heading(6, 'ensureContext restores the lost tenants; they render what they rendered before')
    const lost = this.#lodgers.filter(({ state }) => state === 'lost')
    this.#check.that(lost.length > 0, 'some tenants were lost')
    for (const lodger of lost) {
      const { slot } = lodger
      const { ms: took } = await timed(() => lodger.restore())
      this.#check.that(lodger.slot === slot, `${lodger.id} is back on ${slot}`, lodger.slot)
      const { value, ms } = await timed(() => lodger.render())
      this.#check.that(value === lodger.rendered, `${lodger.id} renders the same`, value)
      row(lodger.id, `back on ${slot}, generation ${lodger.home.generation}`, took + ms, 'green')
    }
    const { contexts } = this.#service.stats()
    this.#check.that(contexts === this.#lodgers.length, 'every tenant has a context', contexts)
    this.#draw()
  }

  allProcessesGone(): void {
    for (const pid of this.#pids) {
      this.#check.that(!isAlive(pid), `process ${pid} is gone`)
    }
  }

  async #survived(culprit: Lodger): Promise<void> {
    const { value, ms } = await timed(() => culprit.render())
    this.#check.that(value === culprit.rendered, `the ${culprit.id} renders again`, value)
    this.#check.that(this.#journal.lost.length === 0, 'nothing is lost')
    row('survived', 'its context lives on in the same process, and renders again', ms, 'green')
  }

  /** Says which contexts went with a process, and what has taken its place. */
  async #reportLost(slot: string, residents: readonly Lodger[], culprit?: Lodger): Promise<void> {
    const { at, generation, contexts } = await until('contextLost is reported', () =>
      this.#journal.lost.find((event) => event.slot === slot),
    )
    for (const lodger of residents) {
      const role = lodger === culprit ? 'culprit' : 'collateral'
      const reported = contexts.find(({ id }) => id === lodger.id)?.role
      this.#check.that(reported === role, `${lodger.id} is lost as ${role}`, reported)
      this.#check.that(lodger.context.signal.aborted, `the signal of ${lodger.id} is aborted`)
      lodger.state = 'lost'
    }
    this.#check.that(contexts.length === residents.length, 'nobody else is lost')
    const list = contexts.map(({ id, role }) => `${id} (${role})`).join(', ')
    row('lost', list, undefined, 'red')

    const next = await until('another process takes the slot', () =>
      this.#journal.started.find((event) => event.slot === slot && event.generation > generation),
    )
    const text = `${slot} has process ${next.pid}, generation ${next.generation}`
    row('replaced', text, next.at - at, 'green')
    await this.#reportSpare(at)
  }

  async #reportSpare(since: number): Promise<void> {
    const count = await until('there is a spare', () => this.#service.stats().spares || undefined)
    row('spare', `${count} warm, off the ring`, performance.now() - since)
  }

  async #reportInvalid(context: VmContext): Promise<void> {
    const { value: error, ms } = await timed(() =>
      this.#check.rejects(context.call('render', ['']), VmInvalidContextError),
    )
    this.#check.that(error.reason === 'owner-gone', 'the call says why', error.reason)
    this.#check.that(context.signal.aborted, 'its signal is aborted')
    row('a call to it', `${error.name}, reason ${error.reason}`, ms, 'yellow')
  }

  #lodger(id: string): Lodger {
    const lodger = this.#lodgers.find((other) => other.id === id)
    this.#check.that(lodger !== undefined, `${id} is a tenant`)
    return lodger
  }

  #on(slot: string): Lodger[] {
    return this.#lodgers.filter((lodger) => lodger.slot === slot)
  }

  /** Everyone on the fullest of the other slots. */
  #crowdBeside(slot: string): Lodger[] {
    const others = this.#service.stats().slots.filter(({ name }) => name !== slot)
    const [fullest] = others.sort((a, b) => b.contexts - a.contexts)
    this.#check.that(fullest !== undefined && fullest.contexts > 0, 'tenants live on other slots')
    return this.#on(fullest.name)
  }

  #draw(): void {
    const stats = this.#service.stats()
    for (const { pid } of stats.slots) if (pid !== undefined) this.#pids.add(pid)
    drawRing(stats, this.#lodgers)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
