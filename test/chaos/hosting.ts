import assert from 'node:assert/strict'
import { type HostCaller, type HostFunctions, syncFunction } from '../../src/index.js'

/** How long scripts may wait for `host.sync.look`, in milliseconds. */
const LOOK_TIMEOUT = 50

/** Functions of the host that know whose script calls them, and keep count. */
export class Hosting {
  /** What each context has to know, by its ID. */
  readonly secrets = new Map<string, string>()
  /** Evaluates in a context that calls. */
  evaluate: (id: string, source: string) => Promise<unknown> = async () => undefined
  /** Calls that wait for nothing but their signal. */
  #hanging = 0

  /** Host calls whose signal has not aborted yet, of those that wait for that. */
  get hanging(): number {
    return this.#hanging
  }

  readonly functions: HostFunctions = {
    check: this.#method((_caller, _secret, value) => value),
    later: this.#method(async (_caller, _secret, value) => {
      await new Promise((resolve) => setImmediate(resolve))
      return value
    }),
    back: this.#method(async ({ contextId }, secret, value) => {
      assert.equal(await this.evaluate(contextId, 'secret'), secret, "another context's answer")
      return value
    }),
    hang: this.#method(({ signal }) => {
      this.#hanging++
      return new Promise((_resolve, reject) => {
        const end = (): void => {
          this.#hanging--
          reject(signal.reason)
        }
        if (signal.aborted) end()
        else signal.addEventListener('abort', end, { once: true })
      })
    }),
    look: syncFunction(
      this.#method((_caller, _secret, value) => value),
      { timeout: LOOK_TIMEOUT },
    ),
    stall: syncFunction(
      this.#method(() => new Promise(() => {})),
      { timeout: LOOK_TIMEOUT },
    ),
  }

  /** One that is called with the secret of the very context that calls. */
  #method(
    work: (caller: HostCaller, secret: string, value: unknown) => unknown,
  ): (this: HostCaller, secret: string, value: unknown) => unknown {
    const { secrets } = this
    return function (secret, value) {
      const expected = secrets.get(this.contextId)
      // Its creation has not been answered yet.
      if (expected !== undefined) assert.equal(secret, expected, 'the call of another context')
      return work(this, secret, value)
    }
  }
}

/** What every context begins with. */
export function startSource(secret: string): string {
  return `const secret = ${JSON.stringify(secret)}; const echo = (v) => [secret, v];
    const later = async (v) => { await null; return [secret, v] };
    const timed = (v) => new Promise((resolve) => setTimeout(() => resolve([secret, v]), 3));
    const hosted = async (v) => [secret, await host.check(secret, v)];
    const hostedLater = async (v) => [secret, await host.later(secret, v)];
    const hostedBack = async (v) => [secret, await host.back(secret, v)];
    const looked = (v) => [secret, host.sync.look(secret, v)]`
}

/** What gives a context's own secret and the value back. */
export const ECHOES = [
  'echo',
  'later',
  'timed',
  'hosted',
  'hostedLater',
  'hostedBack',
  'looked',
] as const

/** Scripts that wait for their host, or their timers, in vain or for ever. */
export const HOST_SCRIPTS = {
  hang: 'Promise.all(Array.from({ length: 5 }, () => host.hang(secret).catch(() => {})))',
  forget: 'for (let i = 0; i < 5; i++) host.later(secret, i).catch(() => {}); 0',
  ask: '(async () => { while (true) await host.check(secret, 1) })()',
  stall: 'host.sync.stall(secret)',
  tick: 'new Promise(() => setInterval(() => { while (true) {} }, 1))',
  ticks: 'new Promise(() => setInterval(() => host.check(secret, 1).catch(() => {}), 1))',
} as const
