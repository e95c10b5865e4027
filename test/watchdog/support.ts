import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { VmContext, VmService, VmServiceEvents } from 'vmring'

/** Aborts V8 outright, within milliseconds. */
export const CRASH = '"x".repeat(2 ** 28).split("")'
/** Native code without interrupt checks, for minutes, in little memory. */
export const STUCK = `'a'.repeat(2e6).lastIndexOf('a'.repeat(1e6) + 'b')`
/** Lets a call wait for something that is settled outside of any turn, as a rejection. */
export const ELSEWHERE = `import('nowhere').catch(() => {})`

/** Resolves to what a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    (value) => assert.fail(`resolved to ${String(value)}`),
    (error: unknown) => error,
  )
}

/** Asserts that a promise rejects with an error of a class, and returns it. */
export async function rejects<E>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => E,
): Promise<E> {
  const error = await rejection(promise)
  assert.ok(error instanceof type, `expected ${type.name}, got ${String(error)}`)
  return error
}

/** Collects every event of a name from now on. */
export function collect<N extends keyof VmServiceEvents>(
  service: VmService,
  name: N,
): VmServiceEvents[N][0][] {
  const events: VmServiceEvents[N][0][] = []
  const emitter: EventEmitter = service
  emitter.on(name, (event: VmServiceEvents[N][0]) => events.push(event))
  return events
}

/** Looks until a condition holds, for states that no event tells of. Fails past `within` ms. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  within: number,
  what: string | (() => string),
): Promise<void> {
  const end = performance.now() + within
  while (!(await condition())) {
    if (performance.now() > end) assert.fail(typeof what === 'string' ? what : what())
    await delay(5)
  }
}

/** A context that keeps a secret, to tell later whether it is still the same. */
export async function witness(
  service: VmService,
  secret: string,
  key?: string,
): Promise<{ context: VmContext; check: () => Promise<void> }> {
  const context = await service.createContext(key === undefined ? {} : { key })
  await context.eval(`let secret = ${JSON.stringify(secret)}`)
  return { context, check: async () => assert.equal(await context.eval('secret'), secret) }
}

/** The process of the service's only slot. */
export function pidOf(service: VmService): number {
  const pid = service.stats().slots[0]?.pid
  assert.ok(pid !== undefined, 'the slot has no process')
  return pid
}

/** Resident memory of a process in bytes, as Linux tells it. */
export function residentMemory(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

interface ProcessLine {
  readonly pid: number
  readonly parent: number
}

/** Every process that runs: those that have ended and were not yet waited for don't. */
function processes(): ProcessLine[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  return lines.flatMap((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/)
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent) }]
  })
}

/** The processes that a process has started, as long as it lives. */
export function childrenOf(pid: number): number[] {
  const own = processes().filter(({ parent }) => parent === pid)
  // The listing itself is one of them, and over by now.
  return own.map((child) => child.pid).filter((child) => isRunning(child))
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return processes().some((each) => each.pid === pid)
  } catch {
    return false
  }
}
