import { createForeign, type Foreign } from './foreign.js'

/** What a walk has come by. */
export interface Walked {
  /** Objects and functions seen. */
  readonly count: number
  /** Paths to what is of another realm, and to texts that tell of the host, one a line. */
  readonly report: string
}

/**
 * Walks everything that can be reached from some objects: own properties, prototypes, accessors and
 * what they return, what functions return or throw when they are called, and so on from there.
 *
 * Self-contained, as text is carried into contexts.
 */
export function createWalk({ isForeign, isObject }: Foreign): (roots: object) => Walked {
  const { ownKeys, getPrototypeOf, apply, construct } = Reflect
  const { getOwnPropertyDescriptor, hasOwn } = Object
  const objectPrototype = Object.prototype
  const host = ['file:///', 'node:', 'vmring', 'node_modules', '/dist/', '/worker/']

  /** Calls of what calls have returned: enough for iterators of collections and the like. */
  const DEEPEST_CALL = 3
  const MOST = 50_000

  interface Step {
    readonly path: string
    readonly value: unknown
    /** How many calls lie between it and the roots. */
    readonly calls: number
    readonly holder: unknown
  }

  function isOfAnotherRealm(value: object): boolean {
    if (typeof value === 'function' && isForeign(value)) return true
    let last = value
    for (let o: object | null = value; o; o = getPrototypeOf(o)) last = o
    if (last === objectPrototype) return false
    // Without prototype there is no telling, but for what it has: that is walked itself.
    return last !== value && hasOwn(last, 'constructor')
  }

  return (roots) => {
    const seen = new Set<unknown>()
    const texts = new Set<string>()
    const queue: Step[] = [{ path: '', value: roots, calls: 0, holder: undefined }]
    let report = ''

    function look(step: Step, path: string, value: unknown, calls = step.calls): void {
      if (typeof value === 'string') {
        if (!texts.has(value) && host.some((part) => value.includes(part))) {
          report += `${path}: ${value.slice(0, 200)}\n`
        }
        texts.add(value)
      } else if (isObject(value) && !seen.has(value)) {
        queue.push({ path, value, calls, holder: step.value })
      }
    }

    function attempt(step: Step, path: string, fn: () => unknown): void {
      if (step.calls === DEEPEST_CALL) return
      try {
        look(step, path, fn(), step.calls + 1)
      } catch (error) {
        look(step, `${path}!`, error, step.calls + 1)
      }
    }

    for (let step = queue.pop(); step && seen.size < MOST; step = queue.pop()) {
      const { path, value, holder } = step
      if (!isObject(value) || seen.has(value)) continue
      seen.add(value)
      if (isOfAnotherRealm(value)) {
        report += `${path} is of another realm\n`
        continue
      }
      look(step, `${path}.[[Prototype]]`, getPrototypeOf(value))
      for (const key of ownKeys(value)) {
        const property = getOwnPropertyDescriptor(value, key)
        const at = `${path}.${String(key)}`
        look(step, at, typeof key === 'symbol' ? key.description : key)
        if (!property) continue
        if (hasOwn(property, 'value')) look(step, at, property.value)
        else {
          const { get, set } = property
          look(step, `${at} (get)`, get)
          look(step, `${at} (set)`, set)
          if (get) attempt(step, at, () => apply(get, value, []))
        }
      }
      if (typeof value !== 'function') continue
      attempt(step, `${path}()`, () => apply(value, holder, []))
      attempt(step, `new ${path}`, () => construct(value, [], value))
    }
    return { count: seen.size, report }
  }
}

/** The start-up source that puts `walk` into the global scope, though not on the global object. */
export const walkSource = `const walk = (${createWalk})((${createForeign})())`
