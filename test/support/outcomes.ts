import assert from 'node:assert/strict'
import type { VmError } from 'vmring'

type ErrorClass<E extends VmError> = abstract new (...args: never[]) => E

/** Resolves to what a promise rejects with; fails when it resolves, or rejects with another class. */
export async function rejection<E extends VmError>(
  promise: Promise<unknown>,
  expected: ErrorClass<E>,
): Promise<E> {
  const reason: unknown = await promise.then(
    (value) => assert.fail(`resolved to ${String(value)}`),
    (error: unknown) => error,
  )
  assert.ok(reason instanceof expected, `expected ${expected.name}, got ${String(reason)}`)
  return reason
}

/** The same for many promises at once, so that none of them is left unhandled meanwhile. */
export async function rejections<E extends VmError>(
  promises: readonly Promise<unknown>[],
  expected: ErrorClass<E>,
): Promise<E[]> {
  return await Promise.all(promises.map((promise) => rejection(promise, expected)))
}
