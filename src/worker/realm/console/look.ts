/** What an object is, without asking more of it than its prototypes and what they own. */
export interface Looks {
  /** Its constructor's; null when no prototype has one. */
  name: string | null
  /** Its `Symbol.toStringTag`, unless that is a property to be shown. */
  tag: string
  /** `array`, `Map`, `error`, …; empty for others. */
  kind: string
}

export interface Look {
  at(value: object): Looks
  /** A function's own name: no getter is called for it. */
  nameOf(fn: object): string
  /** What stands before an object's brace. */
  prefix(looks: Looks, fallback: string, size?: string): string
}

/**
 * Tells kinds of objects apart. Self-contained: it is carried into contexts as source text, and
 * captures the intrinsics it needs before any script runs.
 */
export function createLook(): Look {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { isArray } = Array
  const { apply } = Reflect
  const { getPrototypeOf, getOwnPropertyDescriptor, hasOwn } = Object
  const { isView } = ArrayBuffer
  const { toStringTag } = Symbol
  const tagOf = uncurry(Object.prototype.toString) as (v: unknown) => string
  const isInstance = uncurry(Function.prototype[Symbol.hasInstance]) as (
    maker: unknown,
    value: unknown,
  ) => boolean
  const mapGet = uncurry(Map.prototype.get) as (m: unknown, key: unknown) => Probe | undefined
  const getterOf = (prototype: object, name: PropertyKey) =>
    getOwnPropertyDescriptor(prototype, name)?.get as (() => unknown) | undefined

  interface Probe {
    readonly kind: string
    /** A built-in that throws when it is called on anything else; none where there is none to be had. */
    readonly brand: ((...args: never[]) => unknown) | undefined
  }

  /** More prototypes than any class has: a proxy can have one after the other. */
  const MOST_PROTOTYPES = 100
  const viewTag = getterOf(
    getPrototypeOf(Uint8Array.prototype) as object,
    toStringTag,
  ) as () => string
  const probes = new Map<object, Probe>()

  function know(kind: string, prototype: object | undefined, brand?: Probe['brand']): void {
    if (prototype) probes.set(prototype, { __proto__: null, kind, brand } as unknown as Probe)
  }

  know('error', Error.prototype)
  know('Map', Map.prototype, getterOf(Map.prototype, 'size'))
  know('Set', Set.prototype, getterOf(Set.prototype, 'size'))
  know('Date', Date.prototype, Date.prototype.getTime)
  know('RegExp', RegExp.prototype, RegExp.prototype.exec)
  know('Promise', Promise.prototype)
  know('WeakMap', WeakMap.prototype, WeakMap.prototype.has)
  know('WeakSet', WeakSet.prototype, WeakSet.prototype.has)
  know('ArrayBuffer', ArrayBuffer.prototype, getterOf(ArrayBuffer.prototype, 'byteLength'))
  const Shared = (globalThis as { SharedArrayBuffer?: { prototype: object } }).SharedArrayBuffer
  if (Shared) know('SharedArrayBuffer', Shared.prototype, getterOf(Shared.prototype, 'byteLength'))
  know('Number', Number.prototype, Number.prototype.valueOf)
  know('String', String.prototype, String.prototype.valueOf)
  know('Boolean', Boolean.prototype, Boolean.prototype.valueOf)
  know('BigInt', BigInt.prototype, BigInt.prototype.valueOf)
  know('Symbol', Symbol.prototype, Symbol.prototype.valueOf)

  function nameOf(fn: object): string {
    const property = getOwnPropertyDescriptor(fn, 'name')
    const name = property && hasOwn(property, 'value') ? property.value : ''
    return typeof name === 'string' ? name : ''
  }

  /** The name of a constructor that an object has as its own property, and that it was made by. */
  function constructorOf(holder: object, value: object): string {
    const property = getOwnPropertyDescriptor(holder, 'constructor')
    if (!property || !hasOwn(property, 'value') || typeof property.value !== 'function') return ''
    const name = nameOf(property.value)
    return name !== '' && isInstance(property.value, value) ? name : ''
  }

  function isOf({ brand }: Probe, value: object): boolean {
    if (!brand) return true
    try {
      apply(brand, value, [])
      return true
    } catch {
      return false
    }
  }

  function readTag(property: PropertyDescriptor, isOwn: boolean, value: object): string {
    if (isOwn && property.enumerable) return ''
    try {
      const tag = hasOwn(property, 'value')
        ? property.value
        : property.get && apply(property.get, value, [])
      return typeof tag === 'string' ? tag : ''
    } catch {
      return ''
    }
  }

  function kindOf(value: object): string {
    if (typeof value === 'function') return 'function'
    if (isArray(value)) return 'array'
    if (!isView(value)) return ''
    return apply(viewTag, value, []) === undefined ? 'DataView' : 'view'
  }

  function at(value: object): Looks {
    let name: string | null = null
    let tag: string | undefined
    let kind = kindOf(value)
    let o: object | null = value
    for (let i = 0; o && i < MOST_PROTOTYPES; i++) {
      if (!name) name = constructorOf(o, value) || null
      if (tag === undefined) {
        const property = getOwnPropertyDescriptor(o, toStringTag)
        if (property) tag = readTag(property, i === 0, value)
      }
      if (kind === '' && i > 0) {
        const probe = mapGet(probes, o)
        if (probe && isOf(probe, value)) kind = probe.kind
      }
      o = getPrototypeOf(o)
    }
    if (tag === undefined && kind === '') {
      const builtin = tagOf(value)
      if (builtin === '[object Arguments]') kind = 'arguments'
      else if (builtin === '[object Error]') kind = 'error'
    }
    return { __proto__: null, name, tag: tag ?? '', kind } as Looks
  }

  function prefix({ name, tag }: Looks, fallback: string, size = ''): string {
    const isTagged = tag !== '' && tag !== (name ?? fallback)
    const lead = name === null ? `[${fallback}${size}: null prototype] ` : `${name}${size} `
    return isTagged ? `${lead}[${tag}] ` : lead
  }

  return { __proto__: null, at, nameOf, prefix } as unknown as Look
}
