import { type Context, createContext, runInContext } from 'node:vm'
import { CALL, MAKE } from './bare-contexts.js'
import { serve } from './framed-server.js'

/** A process with bare `node:vm` contexts in it, and nothing that bounds what runs there. */

type Add = (a: number, b: number) => number

const contexts: Context[] = []
const functions: Add[] = []

serve((op, context, value) => {
  if (op === MAKE) {
    while (contexts.length < (value as number)) {
      contexts.push(createContext({}, { microtaskMode: 'afterEvaluate' }))
    }
  } else if (op === CALL) {
    const [a, b] = value as [number, number]
    functions[context] ??= runInContext('(a, b) => a + b', contexts[context] as Context) as Add
    return functions[context](a, b)
  }
  return undefined
})
