import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'

/**
 * Where the OS process begins. V8 takes Node's built-in code cache under the very flags only that it
 * was made under, and compiles anew what is loaded under others: a tenth of a whole start. Those that
 * this process was started with (see `spawn-worker.ts`) have done their work by now. The realm was
 * made to generate no code from strings, the heap with its limit, and both remain so.
 */
setFlagsFromString('--no-disallow-code-generation-from-strings')
setFlagsFromString('--max-old-space-size=0')
// What is imported would be loaded before any of this.
createRequire(import.meta.url)('./main.cjs')
