import assert from 'node:assert/strict'
import { after } from 'node:test'
import { type VmContext, VmService, type VmServiceOptions } from 'vmring'
import { childPids } from './children.js'

/** Longer than any test. On a busy machine a process comes late, and must not be killed for it. */
const PATIENCE = 600_000

/**
 * One process and no spare, unless the options say otherwise, and without the operating system's
 * wall: it is not what most tests are about, and every process would take longer to start.
 */
export function startService(options: VmServiceOptions = {}): Promise<VmService> {
  return VmService.start({ processes: 1, spares: 0, sandbox: 'none', ...options })
}

const start = (options: VmServiceOptions) => startService({ killGrace: PATIENCE, ...options })

function assertNoneLeft(before: readonly number[]): void {
  assert.deepEqual(childPids(), before, 'a process of the service is left')
}

/**
 * Runs a test against a service of its own, closes it however the test ends, and asserts that
 * no process of it is left.
 */
export async function withService(
  options: VmServiceOptions,
  fn: (service: VmService) => Promise<void>,
): Promise<void> {
  const before = childPids()
  const service = await start(options)
  try {
    await fn(service)
  } finally {
    await service.close({ force: true })
  }
  assertNoneLeft(before)
}

/** Services that are shared, and not closed yet; and the processes there were before them. */
let shared = 0
let beforeAll: readonly number[] = []

/**
 * A service for all tests of a file, or of the suite it is asked for in: a process costs more
 * to start than most tests to run. It is started by the first that wants it, and closed after
 * the last. Tests must not mind what others have left in it.
 */
export function serviceForAll(options: VmServiceOptions = {}): () => Promise<VmService> {
  let starting: Promise<VmService> | undefined
  after(async () => {
    if (!starting) return
    const service = await starting
    await service.close({ force: true })
    // Whose a process is can't be told from outside: the last one answers for all of them.
    if (--shared === 0) assertNoneLeft(beforeAll)
  })
  return () => {
    if (starting) return starting
    if (shared++ === 0) beforeAll = childPids()
    starting = start(options)
    return starting
  }
}

/** For tests to which any service will do. They destroy the contexts that would be in the way. */
export const anyService = serviceForAll()

/** For tests to which any service of two processes will do. */
export const twoProcesses = serviceForAll({ processes: 2 })

/** For tests that need no more than one context. Options get them a service of their own. */
export async function withContext(
  fn: (context: VmContext, service: VmService) => Promise<void>,
  options?: VmServiceOptions,
): Promise<void> {
  if (options) {
    return await withService(options, async (service) => fn(await service.createContext(), service))
  }
  const service = await anyService()
  await using context = await service.createContext()
  await fn(context, service)
}

export async function withAnyService(fn: (service: VmService) => Promise<void>): Promise<void> {
  await fn(await anyService())
}
