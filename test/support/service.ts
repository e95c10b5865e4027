import assert from 'node:assert/strict'
import { type VmContext, VmService, type VmServiceOptions } from 'vmring'
import { childPids } from './children.js'

/**
 * Runs a test against a service of its own, closes it however the test ends, and asserts that
 * no process of it is left. One process and no spare, unless the options say otherwise.
 */
export async function withService(
  options: VmServiceOptions,
  fn: (service: VmService) => Promise<void>,
): Promise<void> {
  const before = childPids()
  const service = await VmService.start({ processes: 1, spares: 0, ...options })
  try {
    await fn(service)
  } finally {
    await service.close({ force: true })
  }
  assert.deepEqual(childPids(), before, 'a process of the service is left')
}

/** The same for tests that need no more than one context. */
export async function withContext(
  fn: (context: VmContext, service: VmService) => Promise<void>,
  options: VmServiceOptions = {},
): Promise<void> {
  await withService(options, async (service) => fn(await service.createContext(), service))
}
