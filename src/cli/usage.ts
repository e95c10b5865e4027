/** The command line is wrong. Its message is one line; the exit code is 2. */
export class UsageError extends Error {}

/** A check for a number on the command line. */
export function numberFrom(
  least: number,
  { whole = false, above = false } = {},
): (text: string, name: string) => number {
  const kind = whole ? 'an integer' : 'a number'
  return (text, name) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    const fits = (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) && value >= least
    if (!fits || (above && value === least)) {
      const bound = above ? `above ${least}` : `from ${least}`
      throw new UsageError(`--${name}: expected ${kind} ${bound}, got ${JSON.stringify(text)}`)
    }
    return value
  }
}
