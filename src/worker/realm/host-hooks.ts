import { createRequire } from 'node:module'
import { type Context, constants, createContext } from 'node:vm'
import type { Compiler } from './compiler.js'
import type { Cross } from './web/ops.js'

/**
 * What V8 asks its host in the middle of a script: how the stack of an error reads, and what
 * `import()` gives. Node answers both with functions of the worker's own realm, and those leak:
 * one that overflows the stack, which a script can arrange, throws a RangeError of that realm, and
 * the host's file names are in every stack that it formats.
 *
 * So the answers come from a realm between the two. It holds nothing else, generates no code, and
 * the prototypes of what it could leak are empty and frozen. It hands every question on to the
 * realm that is asked about, whose own functions answer.
 */

/** How a realm answers for itself; made in that realm. */
export interface RealmHooks {
  readonly global: object
  formatStack(error: unknown, sites: readonly object[]): string
  refuseImport(specifier: unknown): Promise<never>
}

interface Hooks {
  adopt(realm: RealmHooks): void
  enter(realm: RealmHooks | undefined): void
  formatStack(global: object, error: unknown, sites: readonly object[]): string
  importModule(referrer: unknown, specifier: unknown): Promise<never>
  /** What contexts ask the worker with; whatever that throws stays here. */
  readonly cross: Cross
  answerWith(answer: Cross): void
  /** Empties the realm of whatever leads from one of its objects to another. */
  seal(): void
}

// A global object of V8's own making where there is one (Node 22.8 and later): no interceptors
// between a script and its global variables, and no object of the worker's realm behind them.
export const BARE_GLOBAL = (constants as unknown as { DONT_CONTEXTIFY?: object })
  .DONT_CONTEXTIFY as Context

/** Self-contained: it is carried into the realm between as source text. */
function createHooks(): Hooks {
  const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Reflect
  const { deleteProperty } = Reflect
  const { freeze } = Object
  const { get, set } = WeakMap.prototype
  const formatters = new WeakMap()
  // An error that is thrown in here, and what its `stack` leads to where that is an accessor.
  const leakable = [Error, RangeError, TypeError, Function, Object]
  const root = globalThis
  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function'

  let current: RealmHooks | undefined
  let answer: Cross | undefined

  const hooks = {
    __proto__: null,
    cross(op: number, a: never, b: never, c: never) {
      try {
        return answer?.(op, a, b, c)
      } catch {
        return undefined
      }
    },
    answerWith(given: Cross) {
      answer = given
    },
    adopt(realm: RealmHooks) {
      apply(set, formatters, [realm.global, realm.formatStack])
    },
    enter(realm: RealmHooks | undefined) {
      current = realm
    },
    formatStack(global: object, error: unknown, sites: readonly object[]) {
      const format = apply(get, formatters, [global]) as RealmHooks['formatStack'] | undefined
      if (format) return format(error, sites)
      // What fails in here is for want of stack, and none of the script's business.
      if (global === root) return 'RangeError: Maximum call stack size exceeded'
      // The worker's own errors.
      let text = `${error}`
      for (let i = 0; i < sites.length; i++) text += `\n    at ${(sites[i] as object).toString()}`
      return text
    },
    importModule: (_referrer: unknown, specifier: unknown) =>
      (current as RealmHooks).refuseImport(specifier),
    seal() {
      const found = new Set<object>([root, hooks.cross])
      for (const object of found) {
        const prototype = getPrototypeOf(object)
        if (prototype) found.add(prototype)
        for (const key of ownKeys(object)) {
          const property = getOwnPropertyDescriptor(object, key) as PropertyDescriptor
          for (const value of [property.value, property.get, property.set]) {
            if (isObject(value)) found.add(value)
          }
        }
      }
      for (const { prototype } of leakable) {
        for (const key of ownKeys(prototype)) deleteProperty(prototype, key)
        setPrototypeOf(prototype, null)
      }
      for (const object of found) {
        deleteProperty(object, 'constructor')
        if (object !== root) freeze(object)
      }
    },
  } as unknown as Hooks
  return hooks
}

/** The hooks of the whole worker. Throws on a Node whose internals don't have them. */
export class HostHooks {
  readonly #hooks: Hooks

  constructor(compiler: Compiler) {
    const realm = createContext(BARE_GLOBAL, {
      codeGeneration: { strings: false, wasm: false },
    })
    const script = compiler.compile(`'use strict';(${createHooks})()`, 'vmring:hooks')
    this.#hooks = script.runInContext(realm) as Hooks
    this.#hooks.seal()
    // No public interface replaces Node's answers: hence the worker's flag `--expose-internals`.
    const { internalBinding } = createRequire(import.meta.url)('internal/test/binding')
    internalBinding('errors').setPrepareStackTraceCallback(this.#hooks.formatStack)
    internalBinding('module_wrap').setImportModuleDynamicallyCallback(this.#hooks.importModule)
  }

  /** Has a realm asked how the stacks of its errors read. */
  adopt(realm: RealmHooks): void {
    this.#hooks.adopt(realm)
  }

  /** What contexts ask the worker with. */
  get cross(): Cross {
    return this.#hooks.cross
  }

  /** Has what contexts ask answered: within their turns, with primitives and bytes of their realm. */
  answerWith(answer: Cross): void {
    this.#hooks.answerWith(answer)
  }

  /** From here on it is this realm's scripts that run, and call `import()`; or nobody's. */
  enter(realm: RealmHooks | undefined): void {
    this.#hooks.enter(realm)
  }
}
