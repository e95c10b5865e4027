export type Lazy = (name: string, make: () => unknown) => void

/**
 * Makes what defines globals that are made when a script first reads them.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createLazy(): Lazy {
  const root = globalThis
  const { defineProperty } = Reflect

  function put(name: string, value: unknown): void {
    const property = { __proto__: null, value, configurable: true, writable: true }
    // Where a script has frozen the global object, the accessor stays.
    defineProperty(root, name, property as PropertyDescriptor)
  }

  return (name, make) => {
    let isSettled = false
    // An accessor's receiver may be an object of the worker's realm, where the global object of a
    // context has one behind it: neither of these looks at it.
    const property = {
      get() {
        const value = make()
        if (!isSettled) put(name, value)
        isSettled = true
        return value
      },
      set(value: unknown) {
        isSettled = true
        put(name, value)
      },
      enumerable: false,
      configurable: true,
    }
    defineProperty(root, name, property)
  }
}
