import type { SlotStats, VmContext, VmService } from 'vmring'
import { timed } from './check.js'
import type { Resident } from './ring.js'
import type { Tenant } from './tenants.js'

/** A tenant with its context. */
export class Lodger implements Resident {
  readonly tenant: Tenant
  readonly #service: VmService
  context: VmContext
  state: Resident['state'] = 'live'
  /** What it rendered first: later renderings have to equal it. */
  rendered = ''

  private constructor(service: VmService, tenant: Tenant, context: VmContext) {
    this.#service = service
    this.tenant = tenant
    this.context = context
  }

  static async moveIn(service: VmService, tenant: Tenant): Promise<Lodger> {
    return new Lodger(service, tenant, await makeContext(service, tenant))
  }

  get id(): string {
    return this.tenant.id
  }

  get library(): string {
    return this.tenant.library
  }

  get slot(): string {
    return this.context.slot
  }

  /** The state of the slot it lives on. */
  get home(): SlotStats {
    return this.#service.stats().slots.find(({ name }) => name === this.slot) as SlotStats
  }

  async render(): Promise<string> {
    return await this.context.call<string>('render', [this.tenant.data])
  }

  /** Renders over and over for so many milliseconds, in one call. */
  async renderFor(ms: number): Promise<number> {
    return await this.context.call<number>('renderFor', [this.tenant.data, ms])
  }

  /** Makes the context that was lost anew. */
  async restore(): Promise<void> {
    this.context = await makeContext(this.#service, this.tenant)
    this.state = 'restored'
  }
}

async function makeContext(service: VmService, { id, init }: Tenant): Promise<VmContext> {
  return await service.ensureContext({ id, init })
}

export interface Traffic {
  readonly answered: number
  /** The longest that one of them waited for an answer, in milliseconds. */
  readonly slowest: number
}

/** Has everyone render, one call after the other, until something else has ended. */
export async function renderUntil(
  end: Promise<unknown>,
  lodgers: readonly Lodger[],
): Promise<Traffic> {
  let ended = false
  const stop = () => {
    ended = true
  }
  end.then(stop, stop)
  let answered = 0
  let slowest = 0
  const run = async (lodger: Lodger): Promise<void> => {
    while (!ended) {
      const { ms } = await timed(() => lodger.render())
      answered++
      slowest = Math.max(slowest, ms)
    }
  }
  await Promise.all(lodgers.map(run))
  return { answered, slowest }
}
