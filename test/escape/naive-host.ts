import { format, inspect } from 'node:util'
import { createContext, runInContext, runInThisContext } from 'node:vm'
import type { EscapeCase } from './case.js'
import { naively } from './equipped.js'
import { probeSource } from './probe.js'

/**
 * A context as one makes it without thinking of attackers: host functions in its scope, results
 * handed out as objects, awaited, inspected and logged by the host. The suite has to find it wanting,
 * or it could not find anything.
 */

type Touch = (value: unknown) => void

// Sloppy, as a good deal of code in the world is, and which a module can't be: what it calls can ask
// for its caller.
const steps = runInThisContext(
  `(function (inspect, isPromise, Thens) {
    return [
      function (value) { inspect(value, { showProxy: true }) },
      function (value) { '' + value },
      function (value) { JSON.stringify(value) },
      function (value) { if (value.toJSON) value.toJSON('') },
      function (value) { if (value.then) value.then(function () {}, function () {}) },
      function (value) { for (var key in value) value[key] },
      function (value) { value.message; value.name; value.cause; value.stack },
      function (value) { String(value.stack).split('\\n'); value.stack.split('\\n') },
      function (value) { if (Array.isArray(value)) value.map(function (item) { return item }) },
      function (value) { if (value[Symbol.iterator]) for (var item of value) item },
      function (value) { if (typeof value === 'function') value({ from: 'host' }) },
      function (value) { value instanceof Error; 'kind' in value },
      function (value) {
        if (isPromise(value)) Thens.call(value, function () {}, function () {})
      },
    ]
  })`,
)(
  inspect,
  (value: unknown) => Object.prototype.toString.call(value) === '[object Promise]',
  Promise.prototype.then,
) as Touch[]

function handle(value: unknown): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return
  for (const step of steps) {
    try {
      step(value)
    } catch {
      // The next may fare better.
    }
  }
}

/** They format what they are given, like those they stand for, and print nothing. */
const formats = (...args: unknown[]): void => void format(...args)
const quiet = {
  log: formats,
  info: formats,
  warn: formats,
  error: formats,
  trace: formats,
  dir: formats,
}

function hostScope(): object {
  return {
    console: { ...console, ...quiet },
    setTimeout,
    setInterval,
    clearTimeout,
    clearInterval,
    clearImmediate,
    queueMicrotask,
    structuredClone,
    URL,
    URLSearchParams,
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    DOMException,
    performance,
    crypto,
    host: Object.assign((input?: { fail?: boolean }) => {
      if (input?.fail) throw new Error('refused', { cause: process })
      return [{ name: 'of the host' }]
    }, naively),
  }
}

function soon<T>(promise: Promise<T>): Promise<unknown> {
  return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 500))])
}

/** What a case finds in such a context, one a line. */
export async function runNaively({ script, call }: EscapeCase): Promise<string> {
  const context = createContext(hostScope())
  runInContext(probeSource, context)
  const unhandled = new Set<unknown>()
  const note = (reason: unknown): unknown => unhandled.add(reason)
  process.on('unhandledRejection', note)
  try {
    const value = runInContext(script, context, { timeout: 5000 })
    handle(value)
    handle(await soon(Promise.resolve(value)))
  } catch (error) {
    handle(error)
  }
  try {
    const target = call && runInContext(call, context)
    if (target) handle(target({ a: [1] }, [new Map([[1, {}]])], new Date(0), Buffer.from('bytes')))
  } catch (error) {
    handle(error)
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  let report: string = runInContext('probe.report()', context)
  if (unhandled.size > 0) report += 'an unhandled rejection\n'
  if ('polluted' in Object.prototype) {
    delete Object.prototype.polluted
    report += 'the prototypes of the host\n'
  }
  return report
}
