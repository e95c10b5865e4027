import { type HostCaller, syncFunction, type VmService } from 'vmring'
import { serviceForAll } from '../support/service.js'

/** What one host call was told, and how it goes on. */
export interface Held {
  readonly caller: HostCaller
  readonly args: readonly unknown[]
  readonly release: (value: unknown) => void
  readonly fail: (error: unknown) => void
}

const waiting: ((held: Held) => void)[] = []
const held: Held[] = []

/** The next call of `host.hold`, or of its like. */
export async function nextHeld(): Promise<Held> {
  const first = held.shift()
  if (first) return first
  // What no call waits for does not keep a program alive.
  const alive = setInterval(() => {}, 60_000)
  const next = await new Promise<Held>((resolve) => waiting.push(resolve))
  clearInterval(alive)
  return next
}

function hold(this: HostCaller, ...args: unknown[]): Promise<unknown> {
  return new Promise((release, fail) => {
    const call = { caller: this, args, release, fail }
    const next = waiting.shift()
    if (next) next(call)
    else held.push(call)
  })
}

class Account {
  readonly name = 'Ada'
  get double(): string {
    return this.name + this.name
  }
}

/** Filled by `serviceOf` for functions that call back. */
let current: VmService | undefined

const functions = {
  add: (a: number, b: number) => a + b,
  async later(value: unknown) {
    await new Promise((resolve) => setImmediate(resolve))
    return value
  },
  echo: (...args: unknown[]) => args,
  who(this: HostCaller) {
    return { id: this.contextId, key: this.key, aborted: this.signal.aborted }
  },
  hold,
  refuse() {
    throw Object.assign(new TypeError('no such user'), { secret: 'password' })
  },
  throwText() {
    throw 'only a text'
  },
  throwTrap() {
    throw {
      get message(): string {
        throw new Error('never')
      },
      toString() {
        throw new Error('never')
      },
    }
  },
  throwOwn() {
    throw Object.assign(new Error('over quota'), { name: 'QuotaError' })
  },
  giveFunction: () => ({ f: () => 1 }),
  giveOnlyFunction: () => () => 1,
  giveCycle() {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    return cycle
  },
  giveInstance: () => new Account(),
  giveMuch: () => 'x'.repeat(6 * 1024 * 1024),
  async callBack(this: HostCaller, source: string) {
    return await current?.eval(this.contextId, source)
  },
  look: syncFunction((key: string) => ({ key, size: key.length })),
  lookLater: syncFunction(async (value: unknown) => {
    await new Promise((resolve) => setImmediate(resolve))
    return value
  }),
  lookWho: syncFunction(function (this: HostCaller) {
    return { id: this.contextId, key: this.key }
  }),
  lookRefuse: syncFunction(() => {
    throw Object.assign(new RangeError('no such rule'), { secret: 'password' })
  }),
  lookHeld: syncFunction(hold, { timeout: 60_000 }),
  lookHang: syncFunction(() => new Promise(() => {}), { timeout: 50 }),
  lookCycle: syncFunction(() => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    return cycle
  }),
  lookBack: syncFunction(
    async function (this: HostCaller, source: string) {
      return await current?.eval(this.contextId, source)
    },
    { timeout: 100 },
  ),
}

const shared = serviceForAll({ functions })

/** A service whose scripts have functions of the host, for all tests of the program. */
export async function hosting(): Promise<VmService> {
  current = await shared()
  return current
}
