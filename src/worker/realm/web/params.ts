import type { WebKit } from './kit.js'

/** A URLSearchParams. */
export type Params = object

export interface WebParams {
  readonly URLSearchParams: unknown
  /** The parameters of a URL, which hears of their changes. */
  of(query: string, changed: () => void): Params
  write(params: Params): string
  refill(params: Params, query: string): void
}

/**
 * URLSearchParams. Reading and writing queries is the worker's; names and values are kept here, by
 * turns in one array.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createParams(kit: WebKit): WebParams {
  const { ask, ops, usv, SymbolOf, getPrototypeOf, setPrototypeOf, defineProperty } = kit

  let refill: (params: URLSearchParams, query: string) => void
  let write: (params: URLSearchParams) => string
  let follow: (params: URLSearchParams, changed: () => void) => void

  /** With a question mark in front, or without. */
  function read(query: string): string[] {
    const list = query === '' ? undefined : ask(ops.queryParse, query)
    return typeof list === 'string' ? (kit.parse(list) as string[]) : []
  }

  function json(list: readonly string[]): string {
    // Piece by piece: of an array, a script would have a say in how it is written.
    let text = '['
    for (let i = 0; i < list.length; i++) text += (i ? ',' : '') + kit.quote(list[i] as string)
    return `${text}]`
  }

  function add(list: string[], name: string, value: string): void {
    list[list.length] = name
    list[list.length] = value
  }

  function pairs(given: Iterable<Iterable<unknown>>): string[] {
    const list: string[] = []
    for (const pair of given) {
      let size = 0
      let name: unknown
      let value: unknown
      if (
        (typeof pair !== 'object' && typeof pair !== 'function') ||
        pair === null ||
        !isIterable(pair)
      ) {
        throw notPairs()
      }
      for (const part of pair) {
        if (size === 0) name = part
        else value = part
        size++
      }
      if (size !== 2) throw notPairs()
      add(list, usv(name), usv(value))
    }
    return list
  }

  function notPairs(): Error {
    const message = 'Each query pair must be an iterable [name, value] tuple'
    return kit.nodeError(kit.TypeErrorOf, 'ERR_INVALID_TUPLE', message)
  }

  function isIterable(value: object): value is Iterable<unknown> {
    return typeof (value as Iterable<unknown>)[SymbolOf.iterator] === 'function'
  }

  function record(given: object): string[] {
    const list: string[] = []
    const places = new kit.MapOf()
    const names = kit.ownKeys(given)
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      if (!kit.descriptorOf(given, name)?.enumerable) continue
      const key = usv(name)
      const value = usv((given as Record<string, unknown>)[name])
      // Names that only lone surrogates tell apart are one.
      const at = kit.mapGet(places, key) as number | undefined
      if (at !== undefined) list[at + 1] = value
      else {
        kit.mapSet(places, key, list.length)
        add(list, key, value)
      }
    }
    return list
  }

  class URLSearchParams {
    #list: string[] = []
    #changed: (() => void) | undefined = undefined

    static {
      refill = (params, query) => {
        params.#list = read(query)
      }
      write = (params) => {
        const list = params.#list
        if (list.length === 0) return ''
        const query = ask(ops.queryWrite, json(list))
        if (typeof query !== 'string') throw new kit.RangeErrorOf('Invalid string length')
        return query
      }
      follow = (params, changed) => {
        params.#changed = changed
      }
      kit.mark((value) => #list in value)
    }

    constructor(init: unknown = undefined) {
      if (init === undefined) return
      if ((typeof init === 'object' && init !== null) || typeof init === 'function') {
        const iterator = (init as Iterable<unknown>)[SymbolOf.iterator]
        if (#list in init && iterator === entries) this.#list = copy(init.#list)
        else if (iterator === undefined || iterator === null) this.#list = record(init)
        else if (typeof iterator === 'function') this.#list = pairs(init as never)
        else {
          const message = 'Query pairs must be iterable'
          throw kit.nodeError(kit.TypeErrorOf, 'ERR_ARG_NOT_ITERABLE', message)
        }
      } else {
        this.#list = read(usv(init))
      }
    }

    get size(): number {
      return this.#list.length / 2
    }

    append(name: unknown, value: unknown): void {
      kit.need(arguments.length, 2, 'The "name" and "value" arguments')
      add(this.#list, usv(name), usv(value))
      this.#changed?.()
    }

    delete(name: unknown, value: unknown = undefined): void {
      kit.need(arguments.length, 1, 'The "name" argument')
      const key = usv(name)
      const only = value === undefined ? undefined : usv(value)
      const kept: string[] = []
      const list = this.#list
      for (let i = 0; i < list.length; i += 2) {
        if (list[i] === key && (only === undefined || list[i + 1] === only)) continue
        add(kept, list[i] as string, list[i + 1] as string)
      }
      this.#list = kept
      this.#changed?.()
    }

    get(name: unknown): string | null {
      kit.need(arguments.length, 1, 'The "name" argument')
      const key = usv(name)
      const list = this.#list
      for (let i = 0; i < list.length; i += 2) if (list[i] === key) return list[i + 1] as string
      return null
    }

    getAll(name: unknown): string[] {
      kit.need(arguments.length, 1, 'The "name" argument')
      const key = usv(name)
      const list = this.#list
      const found: string[] = []
      for (let i = 0; i < list.length; i += 2) {
        if (list[i] === key) found[found.length] = list[i + 1] as string
      }
      return found
    }

    has(name: unknown, value: unknown = undefined): boolean {
      kit.need(arguments.length, 1, 'The "name" argument')
      const key = usv(name)
      const only = value === undefined ? undefined : usv(value)
      const list = this.#list
      for (let i = 0; i < list.length; i += 2) {
        if (list[i] === key && (only === undefined || list[i + 1] === only)) return true
      }
      return false
    }

    set(name: unknown, value: unknown): void {
      kit.need(arguments.length, 2, 'The "name" and "value" arguments')
      const key = usv(name)
      const text = usv(value)
      const list = this.#list
      const kept: string[] = []
      let isSet = false
      for (let i = 0; i < list.length; i += 2) {
        if (list[i] !== key) add(kept, list[i] as string, list[i + 1] as string)
        else if (!isSet) {
          add(kept, key, text)
          isSet = true
        }
      }
      if (!isSet) add(kept, key, text)
      this.#list = kept
      this.#changed?.()
    }

    sort(): void {
      const sorted = ask(ops.querySort, json(this.#list))
      if (typeof sorted === 'string') this.#list = kit.parse(sorted) as string[]
      this.#changed?.()
    }

    forEach(callback: unknown, thisArg: unknown = undefined): void {
      if (typeof callback !== 'function') {
        throw kit.invalid('The "callback" argument must be of type function')
      }
      for (let i = 0; i < this.#list.length; i += 2) {
        kit.apply(callback as never, thisArg, [this.#list[i + 1], this.#list[i], this])
      }
    }

    entries(): object {
      if (!(#list in this)) throw kit.invalidThis('URLSearchParams')
      return new ParamsIterator(() => this.#list, 0)
    }

    keys(): object {
      if (!(#list in this)) throw kit.invalidThis('URLSearchParams')
      return new ParamsIterator(() => this.#list, 1)
    }

    values(): object {
      if (!(#list in this)) throw kit.invalidThis('URLSearchParams')
      return new ParamsIterator(() => this.#list, 2)
    }

    toString(): string {
      return write(this)
    }
  }

  function copy(list: readonly string[]): string[] {
    const out: string[] = []
    for (let i = 0; i < list.length; i++) out[i] = list[i] as string
    return out
  }

  class ParamsIterator {
    #list: () => readonly string[]
    #what: number
    #at = 0

    constructor(list: () => readonly string[], what: number) {
      this.#list = list
      this.#what = what
    }

    next(): { value: unknown; done: boolean } {
      const list = this.#list()
      const at = this.#at
      if (at >= list.length) return { value: undefined, done: true }
      this.#at = at + 2
      const name = list[at]
      const value = list[at + 1]
      const shown = this.#what === 0 ? [name, value] : this.#what === 1 ? name : value
      return { value: shown, done: false }
    }
  }

  const { entries } = URLSearchParams.prototype
  kit.expose(URLSearchParams, 'URLSearchParams')
  kit.expose(ParamsIterator, 'URLSearchParams Iterator')
  defineProperty(URLSearchParams.prototype, SymbolOf.iterator, kit.plain(entries))
  // Iterators are made by their collections alone.
  kit.deleteProperty(ParamsIterator.prototype, 'constructor')
  const iterators = getPrototypeOf(getPrototypeOf(function* () {}.prototype as object) as object)
  setPrototypeOf(ParamsIterator.prototype, iterators)

  return {
    URLSearchParams,
    of(query, changed) {
      const params = new URLSearchParams()
      refill(params, query)
      follow(params, changed)
      return params
    },
    write: write as WebParams['write'],
    refill: refill as WebParams['refill'],
  }
}
