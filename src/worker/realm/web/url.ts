import type { WebKit } from './kit.js'
import type { Params, WebParams } from './params.js'

export interface WebUrl {
  readonly URL: unknown
}

/**
 * URL. Parsing is the worker's: one question for each URL and each change of it. What comes back
 * are all its parts, `parts` says in which order.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createUrl(kit: WebKit, params: WebParams, parts: readonly string[]): WebUrl {
  const { ask, ops } = kit

  const at = { __proto__: null } as unknown as Record<string, number>
  for (let i = 0; i < parts.length; i++) at[parts[i] as string] = i
  const HREF = at.href as number
  const SEARCH = at.search as number

  function parsed(input: string, base: string | undefined): string[] | undefined {
    const answer = ask(ops.urlParse, input, base)
    return typeof answer === 'string' ? (kit.parse(answer) as string[]) : undefined
  }

  function invalidUrl(input: string, base: string | undefined): Error {
    const error = kit.nodeError(kit.TypeErrorOf, 'ERR_INVALID_URL', 'Invalid URL')
    kit.defineProperty(error, 'input', kit.plain(input, true))
    if (base !== undefined) kit.defineProperty(error, 'base', kit.plain(base, true))
    return error
  }

  class URL {
    #parts: string[]
    #params: Params | undefined = undefined
    /** The parameters have changed, and nobody has looked since. */
    #isBehind = false

    static {
      kit.mark((value) => #parts in value)
    }

    constructor(input: unknown, base: unknown = undefined) {
      kit.need(arguments.length, 1, 'The "url" argument')
      const text = `${input}`
      const origin = base === undefined ? undefined : `${base}`
      const found = parsed(text, origin)
      if (!found) throw invalidUrl(text, origin)
      this.#parts = found
    }

    #read(part: number): string {
      if (this.#isBehind) {
        this.#isBehind = false
        this.#change('search', params.write(this.#params as Params))
      }
      return this.#parts[part] as string
    }

    #change(part: string, value: string): boolean {
      const answer = ask(ops.urlSet, this.#parts[HREF] as string, part, value)
      if (typeof answer !== 'string') return false
      this.#parts = kit.parse(answer) as string[]
      return true
    }

    #write(part: string, value: unknown): void {
      const text = `${value}`
      this.#read(HREF)
      // What can't be stays as it was.
      if (this.#change(part, text) && part === 'search') this.#refill()
    }

    #refill(): void {
      if (this.#params) params.refill(this.#params, this.#parts[SEARCH] as string)
    }

    get href(): string {
      return this.#read(HREF)
    }

    set href(value: unknown) {
      const text = `${value}`
      if (!(#parts in this)) throw kit.invalidThis('URL')
      const found = parsed(text, undefined)
      if (!found) throw invalidUrl(text, undefined)
      this.#parts = found
      this.#isBehind = false
      this.#refill()
    }

    get origin(): string {
      return this.#read(at.origin as number)
    }

    get protocol(): string {
      return this.#read(at.protocol as number)
    }

    set protocol(value: unknown) {
      this.#write('protocol', value)
    }

    get username(): string {
      return this.#read(at.username as number)
    }

    set username(value: unknown) {
      this.#write('username', value)
    }

    get password(): string {
      return this.#read(at.password as number)
    }

    set password(value: unknown) {
      this.#write('password', value)
    }

    get host(): string {
      return this.#read(at.host as number)
    }

    set host(value: unknown) {
      this.#write('host', value)
    }

    get hostname(): string {
      return this.#read(at.hostname as number)
    }

    set hostname(value: unknown) {
      this.#write('hostname', value)
    }

    get port(): string {
      return this.#read(at.port as number)
    }

    set port(value: unknown) {
      this.#write('port', value)
    }

    get pathname(): string {
      return this.#read(at.pathname as number)
    }

    set pathname(value: unknown) {
      this.#write('pathname', value)
    }

    get search(): string {
      return this.#read(SEARCH)
    }

    set search(value: unknown) {
      this.#write('search', value)
    }

    get hash(): string {
      return this.#read(at.hash as number)
    }

    set hash(value: unknown) {
      this.#write('hash', value)
    }

    get searchParams(): Params {
      this.#params ??= params.of(this.#parts[SEARCH] as string, () => {
        this.#isBehind = true
      })
      return this.#params
    }

    toString(): string {
      return this.#read(HREF)
    }

    toJSON(): string {
      return this.#read(HREF)
    }

    static canParse(input: unknown, base: unknown = undefined): boolean {
      kit.need(arguments.length, 1, 'The "url" argument')
      const text = `${input}`
      return parsed(text, base === undefined ? undefined : `${base}`) !== undefined
    }

    static parse(input: unknown, base: unknown = undefined): URL | null {
      kit.need(arguments.length, 1, 'The "url" argument')
      const text = `${input}`
      const found = parsed(text, base === undefined ? undefined : `${base}`)
      return found ? new URL(found[HREF]) : null
    }
  }

  kit.expose(URL, 'URL')
  return { URL }
}
