import type { Lazy } from '../lazy.js'
import type { SetTimer } from './abort.js'
import type { WebParts } from './groups.js'
import type { takeBuiltIns } from './kit.js'
import type { Cross } from './ops.js'

export interface WebExtras {
  /** Of the context's realm: with it there is `AbortSignal.timeout`. */
  readonly setTimeout?: SetTimer | undefined
}

export interface WebGlobals {
  readonly names: readonly string[]
  /** The global of that name, made when it is asked for first. */
  get(name: string): unknown
  /** Puts all of them on the global object, where each is made when a script first reads it. */
  define(lazy: Lazy): void
}

/**
 * The globals of the web that scripts expect, in the context's own realm. Nothing of another realm
 * is in them: what they can't do themselves they ask of the worker, through `cross`.
 *
 * A context pays for what takes hold of the built-ins, and for an accessor for each name. Even the
 * table of the other parts is made, and V8 compiles each of them, when a script first needs it.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createWebGlobals(
  take: typeof takeBuiltIns,
  load: () => WebParts,
  cross: Cross,
  extras: WebExtras,
): WebGlobals {
  const names = [
    'URL',
    'URLSearchParams',
    'TextEncoder',
    'TextDecoder',
    'atob',
    'btoa',
    'structuredClone',
    'queueMicrotask',
    'AbortController',
    'AbortSignal',
    'Event',
    'EventTarget',
    'DOMException',
    'performance',
    'crypto',
  ]
  const setTimer = extras.setTimeout
  const makeKit = take(cross)
  let made: ((name: string) => unknown) | undefined

  function get(name: string): unknown {
    if (!made) {
      const parts = load()
      made = parts.groups(parts, makeKit, setTimer)
    }
    return made(name)
  }

  return {
    names,
    get,
    define(lazy) {
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string
        lazy(name, () => get(name))
      }
    },
  }
}
