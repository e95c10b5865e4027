import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type VmContext, VmError, type VmService } from 'vmring'
import { rejection } from '../support/outcomes.js'

/** Crashes V8 outright: no array is as long. It takes a lot of memory first, which takes time. */
export const CRASH = '"x".repeat(2 ** 27 + 1).split("")'
/** Has V8 give up for want of memory, without having taken any. */
export const ABORT = '[].sort.call({ length: 2 ** 28 })'
/** Native code without interrupt checks, for minutes, in little memory. */
export const STUCK = `'a'.repeat(2e6).lastIndexOf('a'.repeat(1e6) + 'b')`
/** A promise that V8 asks its host for, in the middle of a turn. */
export const IMPORTED = `import('nowhere').catch(() => {})`

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

/** Resident memory of a process in bytes, as Linux tells it. */
export function residentMemory(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

/** Looks until a condition holds, for states that no event tells of. Fails past `within` ms. */
export async function within(
  time: number,
  condition: () => boolean | Promise<boolean>,
  otherwise: () => string,
): Promise<void> {
  const end = performance.now() + time
  while (!(await condition())) {
    if (performance.now() > end) assert.fail(otherwise())
    // Seldom: a look may cost a context.
    await delay(25)
  }
}

/** Why a context is refused; undefined when it is made. */
export async function admission(service: VmService, key = 'any'): Promise<VmError | undefined> {
  try {
    const context = await service.createContext({ key })
    await context.destroy()
    return undefined
  } catch (error) {
    assert.ok(error instanceof VmError)
    return error
  }
}

/** What a promise rejects with, for whoever tells one failure from another. */
export async function failure(promise: Promise<unknown>): Promise<VmError> {
  return await rejection(promise, VmError)
}
