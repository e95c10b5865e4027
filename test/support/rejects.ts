import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { VmError } from 'vmring'

export type ErrorClass<E> = (new (...args: never[]) => E) & { readonly code?: unknown }

/** What the fields of an error must be equal to, or for texts, match. */
export type Fields<E> = { readonly [K in keyof E]?: E[K] | RegExp }

/** Asserts that a promise rejects with an error of exactly that class, and returns the error. */
export async function rejectsWith<E extends VmError>(
  promise: Promise<unknown>,
  Class: ErrorClass<E>,
  fields: Fields<E> = {},
): Promise<E> {
  const error = await promise.then(
    (value) => assert.fail(`expected ${Class.name}, but it resolved to ${inspect(value)}`),
    (reason: unknown) => reason,
  )
  return isError(error, Class, fields)
}

/** The same for what throws at once. */
export function throwsWith<E extends VmError>(
  fn: () => unknown,
  Class: ErrorClass<E>,
  fields: Fields<E> = {},
): E {
  try {
    fn()
  } catch (error) {
    return isError(error, Class, fields)
  }
  return assert.fail(`expected ${Class.name}, but nothing was thrown`)
}

function isError<E extends VmError>(error: unknown, Class: ErrorClass<E>, fields: Fields<E>): E {
  assert.ok(error instanceof Class, `expected ${Class.name}, got ${inspect(error)}`)
  assert.equal(error.name, Class.name)
  assert.equal(error.code, Class.code)
  for (const [name, expected] of Object.entries(fields)) {
    const actual: unknown = Reflect.get(error as object, name)
    if (expected instanceof RegExp) assert.match(String(actual), expected, name)
    else assert.deepEqual(actual, expected, name)
  }
  return error
}
