import assert from 'node:assert/strict'
import {
  type InvalidReason,
  type VmContext,
  VmError,
  VmInvalidContextError,
  type VmService,
} from 'vmring'
import { startService } from '../support/service.js'
import { next } from '../support/slots.js'

/** What the model knows of one context. */
export interface Tenant {
  readonly context: VmContext
  /** Known to nobody but this context and the model. */
  readonly secret: string
  readonly owner: AbortController | undefined
  /** Answers it has given since its global scope was made. */
  answers: number
  gone: InvalidReason | undefined
}

export interface Answer {
  readonly secret: string
  readonly tag: string
  readonly answers: number
}

/** The service under test, and beside it what should be true of it. */
export class World {
  readonly service: VmService
  readonly tenants: Tenant[] = []
  #issued = 0
  #settled = 0
  #tags = 0

  private constructor(service: VmService) {
    this.service = service
  }

  static async start(): Promise<World> {
    return new World(await startService({ processes: 2, spares: 1, timeout: 20_000 }))
  }

  /** The tenant that a random number stands for. */
  pick(n: number): Tenant {
    const tenant = this.tenants[n % this.tenants.length]
    assert.ok(tenant)
    return tenant
  }

  newTag(): string {
    return `tag-${++this.#tags}`
  }

  /** Counts a promise in, and out once for every time it settles. */
  async track<T>(promise: Promise<T>): Promise<T> {
    this.#issued++
    const settle = (): void => {
      this.#settled++
    }
    promise.then(settle, settle)
    return await promise
  }

  /** Gives a tenant its secret, in a new global scope. */
  async furnish(tenant: Tenant): Promise<void> {
    tenant.answers = 0
    await this.track(
      tenant.context.eval(`
        var answers = 0
        function ask(tag) { return { secret: ${JSON.stringify(tenant.secret)}, tag, answers: ++answers } }
        function later(tag) { return Promise.resolve().then(() => ask(tag)) }`),
    )
  }

  ask(tenant: Tenant, how: 'ask' | 'later' | 'eval', tag: string): Promise<Answer> {
    const { context } = tenant
    const call =
      how === 'eval' ? context.eval<Answer>(`ask('${tag}')`) : context.call<Answer>(how, [tag])
    return this.track(call)
  }

  /** What a tenant that is gone answers to anything. */
  async assertGone(tenant: Tenant, promise: Promise<unknown>): Promise<void> {
    const reason: unknown = await promise.then(
      () => assert.fail('a context that is gone answered'),
      (error: unknown) => error,
    )
    this.assertTold(tenant, reason)
  }

  assertTold(tenant: Tenant, reason: unknown): void {
    assert.ok(reason instanceof VmError, String(reason))
    assert.ok(reason instanceof VmInvalidContextError, String(reason))
    assert.equal(reason.contextId, tenant.context.id)
    assert.equal(reason.reason, tenant.gone)
  }

  /** Kills the process of a slot. Resolves when the service has noticed. */
  async kill(slot: string): Promise<void> {
    if (this.#pid(slot) === undefined) await next(this.service, 'processStart', slot)
    const exit = next(this.service, 'processExit', slot)
    process.kill(this.#pid(slot) as number, 'SIGKILL')
    await exit
  }

  #pid(slot: string): number | undefined {
    return this.service.stats().slots.find(({ name }) => name === slot)?.pid
  }

  /** What must hold whenever nothing is under way. */
  assertAtRest(): void {
    const live = this.tenants.filter(({ gone }) => gone === undefined)
    const stats = this.service.stats()
    assert.equal(this.#settled, this.#issued)
    assert.equal(stats.contexts, live.length)
    assert.equal(stats.waiting, 0)
    assert.equal(stats.inFlight, 0)
    for (const { context, gone } of this.tenants) {
      assert.equal(context.signal.aborted, gone !== undefined)
    }
  }
}
