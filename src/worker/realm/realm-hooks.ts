import type { RealmHooks } from './host-hooks.js'

/** What V8 makes of a frame; its methods are its prototype's own. */
interface CallSite {
  getFileName(): unknown
  toString(): string
}

/**
 * A realm's own answers to what V8 asks: stacks show the script's frames and no others, and
 * `import()` is refused at once, within the turn.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createRealmHooks(workerFiles: readonly string[]): RealmHooks {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const errorToString = uncurry(Error.prototype.toString) as (e: unknown) => string
  const startsWith = uncurry(String.prototype.startsWith) as (s: string, by: string) => boolean
  const PromiseOf = Promise
  const TypeErrorOf = TypeError

  function textOf(read: () => string): string {
    try {
      return read()
    } catch {
      return ''
    }
  }

  function isForeign(site: CallSite): boolean {
    const file = site.getFileName()
    if (typeof file !== 'string') return false
    for (let i = 0; i < workerFiles.length; i++) {
      if (startsWith(file, workerFiles[i] as string)) return true
    }
    return false
  }

  return {
    __proto__: null,
    global: globalThis,
    formatStack(error: unknown, sites: readonly CallSite[]) {
      let text = textOf(() => errorToString(error))
      for (let i = 0; i < sites.length; i++) {
        const site = sites[i] as CallSite
        // By its own method: a conversion would hand it to whatever a script defined for that.
        if (!isForeign(site)) text += `\n    at ${site.toString()}`
      }
      return text
    },
    refuseImport(specifier: unknown) {
      const refusal = new TypeErrorOf(`import('${specifier}') is not available in a context`)
      return new PromiseOf((_resolve, reject) => reject(refusal))
    },
  } as unknown as RealmHooks
}
