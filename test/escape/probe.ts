import { createForeign, type Foreign } from './foreign.js'
import { createStackEnd, KEPT, type StackEnd } from './stack-end.js'

/**
 * What a case has at hand inside its context, as `probe`: it tells things of this realm from things
 * of any other, and keeps a list of what it found.
 *
 * `createProbe` is carried into contexts as source text and runs there before the case: it refers to
 * nothing outside itself, captures the intrinsics it needs, and keeps nothing where a changed
 * prototype would be asked. As text it is sloppy, or there would be no `caller` to look at.
 */
export interface Probe {
  /** Something was found that should not be there. */
  leak(what: string): void
  /** Looks at a value, and a little into it, for anything of another realm. Returns it. */
  check<T>(what: string, value: T): T
  /** The same, and tries to compile something by way of its constructor. */
  walk<T>(what: string, value: T): T
  /** Looks for files and modules of the host in a text. */
  text(what: string, value: unknown): void
  /** Checks what a function returns or throws. */
  outcome(what: string, fn: () => unknown): void
  /** Checks what a promise settles to; resolves when that is done. */
  settles(what: string, promise: unknown): Promise<void>
  /** A function that checks who calls it and with what, then does as `answer` does. */
  spy(what: string, answer?: unknown): (...args: unknown[]) => unknown
  /** A proxy all of whose traps are such functions. */
  proxy<T extends object>(what: string, target: T): T
  /** Has every method of an object replaced by such a function. */
  infest(what: string, object: object): void
  /** Makes accessors of such functions on an object, by these names. */
  trip(what: string, object: object, names: readonly PropertyKey[]): void
  /**
   * Evaluates something at each of the last levels before the stack is full, and checks outcomes.
   * Resolves when those that are promises have settled.
   */
  deep(what: string, expression: string): Promise<unknown>
  /** What was found, one a line. */
  report(): string
  /** How the intrinsics differ from what they were at the start: '' when they don't. */
  intact(): string
}

export function createProbe({ isObject, look }: Foreign, stackEnd: StackEnd, kept: number): Probe {
  const { apply, ownKeys, getPrototypeOf } = Reflect
  const { getOwnPropertyDescriptor, defineProperty } = Object
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const indexOf = uncurry(String.prototype.indexOf) as (text: string, part: string) => number
  const then = uncurry(Promise.prototype.then)
  const ObjectOf = Object
  const ProxyOf = Proxy
  const ReflectOf = Reflect as unknown as Record<string, unknown>
  const StringOf = String
  const PromiseOf = Promise
  const promisePrototype = Promise.prototype
  const realm = globalThis
  const host = ['file:///', 'node:', 'vmring', 'node_modules', '/dist/', '/worker/']
  const trapNames = ownKeys(Reflect)
  const found = { __proto__: null } as unknown as Record<string, boolean>
  let report = ''
  let busy = false

  function leak(what: string): void {
    if (found[what]) return
    found[what] = true
    report += `${what}\n`
  }

  function check<T>(what: string, value: T): T {
    // Where there is so much, more of it tells nothing.
    if (busy || report.length > 4096) return value
    busy = true
    try {
      look(what, value, 2, leak)
    } catch {
      // A proxy of the script's own that won't be looked at.
    }
    busy = false
    return value
  }

  function walk<T>(what: string, value: T): T {
    check(what, value)
    try {
      const compile = (value as { constructor: { constructor: (text: string) => () => unknown } })
        .constructor.constructor
      // Of a kind of function that does not simply return, it is the generator or the promise.
      check(`${what}: a compiled function's this`, compile('return this')())
      const names = ['process', 'require']
      for (let i = 0; i < names.length; i++) {
        const name = names[i]
        const type = compile(`return typeof ${name}`)()
        if (typeof type === 'string' && type !== 'undefined') leak(`${what}: ${name}`)
      }
    } catch {
      // It led nowhere.
    }
    return value
  }

  function text(what: string, value: unknown): void {
    if (typeof value !== 'string') return
    for (let i = 0; i < host.length; i++) {
      if (indexOf(value, host[i] as string) !== -1) leak(`${what}: text of the host`)
    }
  }

  function checkThrown(what: string, error: unknown): void {
    check(what, error)
    try {
      text(what, (error as Error).stack)
      text(what, (error as Error).message)
    } catch (inner) {
      check(`${what}, looked at`, inner)
    }
  }

  function outcome(what: string, fn: () => unknown): void {
    try {
      check(what, fn())
    } catch (error) {
      checkThrown(`${what} (thrown)`, error)
    }
  }

  function settles(what: string, promise: unknown): Promise<void> {
    check(what, promise)
    return then(
      new PromiseOf((resolve) => resolve(promise)),
      (value: unknown) => void check(`${what} (resolved)`, value),
      (error: unknown) => checkThrown(`${what} (rejected)`, error),
    )
  }

  function spy(what: string, answer?: unknown): (...args: unknown[]) => unknown {
    const spied = function (this: unknown, ...args: unknown[]): unknown {
      check(`${what}: this`, this)
      check(`${what}: arguments`, args)
      check(`${what}: caller`, spied.caller)
      return typeof answer === 'function' ? apply(answer, this, args) : answer
    }
    return spied
  }

  function proxy<T extends object>(what: string, target: T): T {
    const traps = { __proto__: null } as unknown as Record<PropertyKey, unknown>
    for (let i = 0; i < trapNames.length; i++) {
      const name = trapNames[i] as string
      if (typeof name !== 'string') continue
      traps[name] = spy(`${what}, trap ${name}`, ReflectOf[name])
    }
    return new ProxyOf(target, traps)
  }

  function infest(what: string, object: object): void {
    const keys = ownKeys(object)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as PropertyKey
      const property = getOwnPropertyDescriptor(object, key)
      // An accessor of prototypes in newer engines, for which every spy asks.
      if (!property?.configurable || key === 'constructor' || key === 'caller') continue
      const at = `${what}.${StringOf(key)}`
      if (typeof property.value === 'function') {
        defineProperty(object, key, { __proto__: null, value: spy(at, property.value) } as never)
      } else if (property.get) {
        defineProperty(object, key, { __proto__: null, get: spy(at, property.get) } as never)
      }
    }
  }

  function trip(what: string, object: object, names: readonly PropertyKey[]): void {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as PropertyKey
      const at = `${what}.${StringOf(name)}`
      const accessors = { __proto__: null, get: spy(`${at} (get)`), set: spy(`${at} (set)`) }
      defineProperty(object, name, { ...accessors, __proto__: null, configurable: true } as never)
    }
  }

  function isPromise(value: unknown): boolean {
    for (let o = value; isObject(o); o = getPrototypeOf(o)) if (o === promisePrototype) return true
    return false
  }

  function deep(what: string, expression: string): Promise<unknown> {
    const dive = stackEnd(expression)
    let settled: Promise<unknown> = new PromiseOf<void>((resolve) => resolve())
    for (let round = 0; round < 3; round++) {
      const outcomes = dive(round)
      for (let i = 0; i < kept; i++) {
        const outcome = check(what, outcomes[i])
        if (isPromise(outcome)) settled = then(settled, () => settles(what, outcome))
      }
    }
    return settled
  }

  const intrinsics: object[] = [globalThis]
  for (const name of ['Object', 'Function', 'Array', 'Promise', 'Error', 'Map', 'RegExp']) {
    const maker = (realm as unknown as Record<string, { prototype: object }>)[name]
    if (maker) intrinsics.push(maker, maker.prototype)
  }
  const before = intrinsics.map((object) => {
    const keys = ownKeys(object)
    return { object, keys, values: keys.map((key) => getOwnPropertyDescriptor(object, key)?.value) }
  })

  function intact(): string {
    let changed = ''
    for (const { object, keys, values } of before) {
      const now = ownKeys(object)
      if (now.length !== keys.length) changed += `${now.length - keys.length} properties; `
      for (let i = 0; i < keys.length; i++) {
        const property = getOwnPropertyDescriptor(object, keys[i] as PropertyKey)
        if (!ObjectOf.is(property?.value, values[i])) changed += `${StringOf(keys[i])}; `
      }
    }
    return changed
  }

  return {
    leak,
    check,
    walk,
    text,
    outcome,
    settles,
    spy,
    proxy,
    infest,
    trip,
    deep,
    report: () => report,
    intact,
  }
}

/** The start-up source that puts `probe` into the global scope, though not on the global object. */
export const probeSource = `const probe = (${createProbe})(
  (${createForeign})(), (${createStackEnd})(${KEPT}), ${KEPT})`
