import { setFlagsFromString } from 'node:v8'

/** Maglev inlines functions with loops since this version of V8's, that of Node 24. */
const INLINING_LOOPS = 13

/**
 * Has V8's middle tier, Maglev, leave calls as they are. A loop that it has inlined is never replaced while it runs, nor
 * soon after: a script's function that computes for a millisecond took four to six from its 400th call on, for the
 * function through which it is called was compiled with it (Node 24.21 and 26.12). TurboFan inlines all the same.
 *
 * Called when both threads have loaded all of their programs: flags are the process's, and V8 takes code caches under
 * those only that they were made under. Set earlier, it cost a start on Node 24 a fifth.
 */
export function tuneOptimizer(): void {
  if (Number.parseInt(process.versions.v8, 10) < INLINING_LOOPS) return
  setFlagsFromString('--no-maglev-inlining')
}
