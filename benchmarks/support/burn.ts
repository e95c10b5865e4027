/** Work that nothing can be left out of. Refers to nothing outside, for it is carried as source. */
export function burn(steps: number): number {
  let x = 1
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0
  return x
}

/**
 * Steps that take a millisecond when nothing disturbs: a fixed amount of work, because a fixed
 * time would pass in two processes on one core as if they had two.
 */
export function stepsPerMillisecond(): number {
  const steps = 100_000
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 100; i++) {
    const before = performance.now()
    burn(steps)
    best = Math.min(best, performance.now() - before)
  }
  return Math.round(steps / best)
}
