import { fileURLToPath } from 'node:url'
import { type FramedChild, startFramedChild } from './framed-child.js'

const CHILD = fileURLToPath(new URL('./bare-contexts-child.js', import.meta.url))

/** Makes contexts until there are so many. */
export const MAKE = 1
/** Adds two numbers in one context. */
export const CALL = 2

/** A bare process to hold `node:vm` contexts, with the same bound on V8's heap as a worker has. */
export function startBareContexts(memoryLimit: number): FramedChild {
  return startFramedChild(CHILD, [`--max-old-space-size=${(2 * memoryLimit) / 2 ** 20}`])
}
