import { VmOptionError } from './errors.js'

/** What options are checked with: each check names what it expected and what it got. */

/** Throws `VmOptionError` unless the value is fit; returns it then. */
export type Check<T> = (value: unknown, name: string) => T

export const LONGEST = 0x7fff_ffff
export const MIB = 1024 * 1024
export function check<T>(expected: string, fits: (value: never) => boolean): Check<T> {
  return (value, name) => {
    if (!fits(value as never)) throw new VmOptionError(name, expected, value)
    return value as T
  }
}

export function integer(least: number, most: number): Check<number> {
  return check(
    `an integer from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  )
}

/** Above `least`, so that a budget of nothing, which no call could keep, is refused. */
export function milliseconds(least: 'above 0' | 'from 0'): Check<number> {
  return check(
    `a number of milliseconds ${least} to ${LONGEST}, or Infinity`,
    (value) =>
      typeof value === 'number' &&
      (value === Number.POSITIVE_INFINITY || value <= LONGEST) &&
      (least === 'above 0' ? value > 0 : value >= 0),
  )
}

export const checkString: Check<string> = check('a string', (value) => typeof value === 'string')
export const name: Check<string> = check(
  'a string of 1 to 512 characters',
  (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 512,
)
export const bool: Check<boolean> = check('a boolean', (value) => typeof value === 'boolean')
export const strings: Check<readonly string[]> = check(
  'an array of strings',
  (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
)
export function isAbortSignal(value: unknown): value is AbortSignal {
  // Signals of other realms and polyfills count as well.
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AbortSignal).aborted === 'boolean' &&
    typeof (value as AbortSignal).addEventListener === 'function'
  )
}

export type Checks<T> = { readonly [K in keyof Required<T>]: Check<unknown> }

/** Checks each given entry by its name, refuses names it does not know, drops `undefined`. */
export function checkEntries<T extends object>(
  where: string,
  given: unknown,
  checks: Checks<T>,
): T {
  if (given === undefined) return {} as T
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new VmOptionError(where, 'an object', given)
  }
  const checked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, key)) {
      const known = Object.keys(checks).join(', ')
      throw new VmOptionError(`${where}.${key}`, `one of ${known}`, value)
    }
    if (value === undefined) continue
    checked[key] = checks[key as keyof T](value, `${where}.${key}`)
  }
  return checked as T
}
