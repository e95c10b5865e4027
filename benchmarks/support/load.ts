/** How long things are measured, and how often, in ms. */
export interface Pace {
  readonly rounds: number
  readonly duration: number
  /** Before the first round, so that code is compiled by then. */
  readonly warmUp: number
}

/** A quick run only shows that everything works: it has many subjects and little time. */
export function paceOf(quick: boolean): Pace {
  return quick ? { rounds: 1, duration: 20, warmUp: 10 } : { rounds: 9, duration: 500, warmUp: 500 }
}

/**
 * Keeps calls in flight for `duration` ms, `inFlight` of them at least, each that is answered
 * followed by the next, then lets the last of them finish. Resolves to calls per second.
 */
export async function callsPerSecond(
  inFlight: number,
  duration: number,
  call: (count: number) => Promise<void>,
): Promise<number> {
  let calls = 0
  const start = performance.now()
  const lane = async (): Promise<void> => {
    do await call(++calls)
    while (performance.now() - start < duration)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return calls / ((performance.now() - start) / 1000)
}
