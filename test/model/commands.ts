import assert from 'node:assert/strict'
import fc, { type AsyncCommand } from 'fast-check'
import { VmProcessError } from 'vmring'
import type { Answer, Tenant, World } from './world.js'

/** The world is model and system in one: fast-check's own model only says how many contexts there are. */
export interface Model {
  tenants: number
}
type Command = AsyncCommand<Model, World>

/** A step that needs a context to work on. */
function step(name: string, run: (world: World) => Promise<void>): Command {
  return {
    check: ({ tenants }) => tenants > 0,
    run: async (_, world) => {
      await run(world)
      world.assertAtRest()
    },
    toString: () => name,
  }
}

function create(keyed: boolean, owned: boolean): Command {
  return {
    check: () => true,
    run: async (model, world) => {
      const owner = owned ? new AbortController() : undefined
      const context = await world.track(
        world.service.createContext({
          ...(keyed && { key: 'shared' }),
          ...(owner && { owner: owner.signal }),
        }),
      )
      const secret = `secret-${model.tenants++}`
      const tenant: Tenant = { context, secret, owner, answers: 0, gone: undefined }
      world.tenants.push(tenant)
      await world.furnish(tenant)
      world.assertAtRest()
    },
    toString: () => `create(${keyed ? 'keyed' : ''} ${owned ? 'owned' : ''})`,
  }
}

const ask = (n: number, how: 'ask' | 'later' | 'eval'): Command =>
  step(`${how}(${n})`, async (world) => {
    const tenant = world.pick(n)
    const tag = world.newTag()
    const call = world.ask(tenant, how, tag)
    if (tenant.gone) return await world.assertGone(tenant, call)
    const { secret } = tenant
    assert.deepEqual(await call, { secret, tag, answers: ++tenant.answers })
  })

const reset = (n: number): Command =>
  step(`reset(${n})`, async (world) => {
    const tenant = world.pick(n)
    const call = world.track(tenant.context.reset())
    if (tenant.gone) return await world.assertGone(tenant, call)
    await call
    assert.equal(await world.track(tenant.context.eval('typeof ask')), 'undefined')
    await world.furnish(tenant)
  })

type Deed =
  | { readonly kind: 'ask' | 'later' | 'eval' | 'destroy' | 'abort'; readonly n: number }
  | { readonly kind: 'kill'; readonly slot: string }

/** Calls under way: whose they are, and what they came to. */
interface Asked {
  readonly tenant: Tenant
  readonly tag: string
  readonly outcome: Promise<PromiseSettledResult<Answer>>
}

/** Deeds in one tick, whose effects overlap. */
const atOnce = (deeds: readonly Deed[]): Command =>
  step(`atOnce(${JSON.stringify(deeds)})`, async (world) => {
    const asked: Asked[] = []
    const others: Promise<unknown>[] = []
    const killed = new Set<string>()
    for (const deed of deeds) {
      switch (deed.kind) {
        case 'kill':
          if (!killed.has(deed.slot)) others.push(world.kill(deed.slot))
          killed.add(deed.slot)
          break
        case 'destroy':
          others.push(destroyNow(world, world.pick(deed.n)))
          break
        case 'abort':
          abortNow(world.pick(deed.n))
          break
        default: {
          const tenant = world.pick(deed.n)
          const tag = world.newTag()
          const [outcome] = [Promise.allSettled([world.ask(tenant, deed.kind, tag)])]
          asked.push({ tenant, tag, outcome: outcome.then(([only]) => only) })
        }
      }
    }
    await Promise.all(others)
    for (const tenant of world.tenants) {
      if (killed.has(tenant.context.slot)) tenant.gone ??= 'process-exit'
    }
    for (const one of asked) assertOutcome(world, one, await one.outcome, killed)
    await quiet(world)
  })

async function destroyNow(world: World, tenant: Tenant): Promise<void> {
  const call = world.track(tenant.context.destroy())
  if (tenant.gone) return await world.assertGone(tenant, call)
  tenant.gone = 'destroyed'
  await call
}

function abortNow(tenant: Tenant): void {
  if (!tenant.owner) return
  tenant.owner.abort()
  tenant.gone ??= 'owner-gone'
}

function assertOutcome(
  world: World,
  { tenant, tag }: Asked,
  outcome: PromiseSettledResult<Answer>,
  killed: ReadonlySet<string>,
): void {
  if (outcome.status === 'fulfilled') {
    // Whatever was asked, nobody but the one who was asked may have answered, and in order.
    const { secret } = tenant
    assert.deepEqual(outcome.value, { secret, tag, answers: ++tenant.answers })
  } else if (outcome.reason instanceof VmProcessError) {
    assert.ok(killed.has(tenant.context.slot))
    assert.equal(outcome.reason.role, 'collateral')
    assert.equal(outcome.reason.exit.cause, 'killed')
  } else world.assertTold(tenant, outcome.reason)
}

/** What was given up is still owed an answer by its process. One that comes later tells. */
async function quiet({ service, tenants }: World): Promise<void> {
  const live = tenants.filter(({ gone }) => gone === undefined)
  await Promise.all(live.map(({ context }) => context.eval('0')))
  while (service.stats().inFlight > 0) await new Promise(setImmediate)
}

const index = fc.nat(99)
const slot = fc.constantFrom('slot-0', 'slot-1')
const asking = fc.constantFrom('ask' as const, 'later' as const, 'eval' as const)
const deed = fc.oneof(
  { weight: 24, arbitrary: fc.record({ kind: asking, n: index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('destroy', 'abort'), n: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), slot }) },
)

/** Each kind as often as its place in the list says. */
export const commands = [
  fc.tuple(fc.boolean(), fc.boolean()).map(([keyed, owned]) => create(keyed, owned)),
  fc.tuple(fc.boolean(), fc.boolean()).map(([keyed, owned]) => create(keyed, owned)),
  fc.tuple(index, asking).map(([n, how]) => ask(n, how)),
  index.map(reset),
  fc
    .constantFrom('destroy' as const, 'abort' as const)
    .chain((kind) => index.map((n) => atOnce([{ kind, n }]))),
  slot.map((name) => atOnce([{ kind: 'kill', slot: name }])),
  fc.array(deed, { maxLength: 40, size: 'max' }).map(atOnce),
  fc.array(deed, { maxLength: 40, size: 'max' }).map(atOnce),
]
