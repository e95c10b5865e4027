import assert from 'node:assert/strict'
import { types } from 'node:util'
import { type Context, constants, createContext, runInContext, Script } from 'node:vm'
import { createLazy, type Lazy } from '../../src/worker/realm/lazy.js'
import { answerWeb } from '../../src/worker/realm/web/answer.js'
import type { WebExtras, WebGlobals } from '../../src/worker/realm/web/globals.js'
import type { Cross } from '../../src/worker/realm/web/ops.js'
import { webSource } from '../../src/worker/realm/web/source.js'
import { createDescribe, type Describe } from './describe.js'

const program = new Script(`'use strict';${webSource}`, { filename: 'web' })
const BARE_GLOBAL = (constants as unknown as { DONT_CONTEXTIFY?: object } | undefined)
  ?.DONT_CONTEXTIFY as Context

const lengthOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
)?.get as () => number

/** A copy by internal slots alone: a script may have changed the rest. */
function exported(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.alloc(lengthOf.call(bytes))
  copy.set(bytes)
  return copy
}

export interface WebOptions {
  readonly extras?: string
  readonly cross?: (ask: Cross) => Cross
  /** An object of the host's behind the global object, as all contexts of Node 20 have. */
  readonly contextified?: boolean
}

/** A context with the globals, whose questions are answered as the worker would. */
export class WebContext {
  readonly context: Context
  readonly globals: WebGlobals

  constructor({ extras = '({})', cross = (ask) => ask, contextified = false }: WebOptions = {}) {
    this.context = createContext(contextified ? {} : BARE_GLOBAL, {
      microtaskMode: 'afterEvaluate',
    })
    const alloc = this.run('((U8) => (size) => new U8(size))(Uint8Array)') as (
      size: number,
    ) => Uint8Array
    const ask: Cross = (op, a, b, c) => {
      const answer = answerWeb(op, types.isUint8Array(a) ? exported(a) : a, b, c)
      if (!types.isUint8Array(answer)) return answer
      const target = alloc(answer.length)
      Uint8Array.prototype.set.call(target, answer)
      return target
    }
    const make = program.runInContext(this.context) as (c: Cross, e: WebExtras) => WebGlobals
    this.globals = make(cross(ask), this.run(extras) as WebExtras)
    this.globals.define(this.run(`'use strict';(${createLazy})()`) as Lazy)
  }

  run(source: string): unknown {
    return runInContext(source, this.context)
  }
}

type Told = string | number | boolean

export const shared = new WebContext()
const describeInside = shared.run(`(${createDescribe})()`) as Describe
const describeOutside = createDescribe()

/**
 * A function that is self-contained, run in a context and here, with the same arguments: what it
 * returns or throws has to be the same. It describes what is no primitive itself.
 */
export function both<T extends Told[]>(
  fn: (describe: Describe, ...args: T) => unknown,
): (...args: T) => void {
  const inside = shared.run(
    `((describe, ...args) => describe.outcome(() => (${fn})(describe, ...args)))`,
  ) as (describe: Describe, ...args: T) => string
  return (...args) => {
    const expected = describeOutside.outcome(() => fn(describeOutside, ...args))
    assert.equal(inside(describeInside, ...args), expected, JSON.stringify(args))
  }
}

/** The same for an expression. */
export function same(expression: string): void {
  const source = `(describe) => describe.outcome(() => (${expression}))`
  const expected = new Script(source).runInThisContext()(describeOutside) as string
  const found = (shared.run(source) as (describe: Describe) => string)(describeInside)
  assert.equal(found, expected, expression)
}

/** What promises are rejected with, and nobody handles, in what a function runs. */
export async function rejections(fn: () => void): Promise<unknown[]> {
  const reasons: unknown[] = []
  // Of the test runner, which takes them for failures.
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (reason) => reasons.push(reason))
  fn()
  await new Promise((resolve) => setImmediate(resolve))
  process.removeAllListeners('unhandledRejection')
  for (const other of others) process.on('unhandledRejection', other)
  return reasons
}

export const NODE = process.versions.node.split('.').map(Number)[0] as number
