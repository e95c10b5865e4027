/**
 * Tells things of this realm from things of any other. Self-contained, as text is carried into contexts:
 * it captures the intrinsics it needs, and keeps nothing where a changed prototype would be asked.
 */
export interface Foreign {
  /** Whether a constructor is of another realm; undefined for what is no constructor. */
  isForeign(fn: object): boolean | undefined
  isObject(value: unknown): value is object
  /** Reports everything foreign in a value and so many levels below, with a path to it. */
  look(what: string, value: unknown, depth: number, report: (path: string) => void): void
}

export function createForeign(): Foreign {
  const { apply, construct, ownKeys, getPrototypeOf, setPrototypeOf } = Reflect
  const { getOwnPropertyDescriptor, hasOwn } = Object
  const { bind } = Function.prototype
  const ObjectOf = Object
  const StringOf = String
  const objectPrototype = Object.prototype
  const realm = globalThis

  function isObject(value: unknown): value is object {
    return (typeof value === 'object' && value !== null) || typeof value === 'function'
  }

  function isForeign(fn: object): boolean | undefined {
    try {
      // A bound function has no `prototype`, so that the engine falls back on that of the realm of
      // what is bound, whatever a script has done to either.
      const bound = apply(bind, fn, []) as object
      setPrototypeOf(bound, null)
      return getPrototypeOf(construct(ObjectOf, [], bound as never) as object) !== objectPrototype
    } catch {
      return undefined
    }
  }

  function look(what: string, value: unknown, depth: number, report: (path: string) => void): void {
    if (!isObject(value) || value === realm) return
    let object: object | null = value
    for (let i = 0; i < 20 && object; i++) {
      if (typeof object === 'function' && isForeign(object)) report(what)
      const maker = getOwnPropertyDescriptor(object, 'constructor')
      if (maker && hasOwn(maker, 'value') && isObject(maker.value) && isForeign(maker.value)) {
        report(what)
      }
      object = getPrototypeOf(object)
    }
    if (depth === 0) return
    const keys = ownKeys(value)
    for (let i = 0; i < keys.length && i < 40; i++) {
      const property = getOwnPropertyDescriptor(value, keys[i] as PropertyKey)
      if (!property) continue
      const at = `${what}.${StringOf(keys[i])}`
      if (hasOwn(property, 'value')) look(at, property.value, depth - 1, report)
      else {
        look(`${at} (get)`, property.get, 0, report)
        look(`${at} (set)`, property.set, 0, report)
      }
    }
  }

  return { isForeign, isObject, look }
}
