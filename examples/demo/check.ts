/** Something did not go as the demonstration says. */
export class ExpectationError extends Error {}

type ErrorClass<T extends Error> = abstract new (...args: never[]) => T

/** The expectations of a demonstration, counted. The first that fails ends it. */
export class Checks {
  #passed = 0

  get passed(): number {
    return this.#passed
  }

  that(holds: boolean, expectation: string, got?: unknown): asserts holds {
    if (!holds) {
      throw new ExpectationError(got === undefined ? expectation : `${expectation}; got: ${got}`)
    }
    this.#passed++
  }

  /** What a promise rejects with, which has to be an error of that class. */
  async rejects<T extends Error>(promise: Promise<unknown>, type: ErrorClass<T>): Promise<T> {
    const expectation = `the call rejects with ${type.name}`
    const reason = await promise.then(
      () => undefined,
      (error: unknown) => error,
    )
    this.that(reason instanceof type, expectation, reason ?? 'a result')
    return reason
  }
}

/** What a promise resolves to, and how many milliseconds that took. */
export async function timed<T>(run: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now()
  const value = await run()
  return { value, ms: performance.now() - start }
}
