export interface Describe {
  value(value: unknown): string
  /** What a function returns or throws. */
  outcome(fn: () => unknown): string
}

/**
 * Writes any value as text, so that values of two realms can be compared. Of errors the message does
 * not count, unless `value` is asked about them.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createDescribe(): Describe {
  const { getOwnPropertyNames, getPrototypeOf, prototype } = Object

  function value(given: unknown): string {
    const seen = new Map<unknown, number>()

    function write(value: unknown): string {
      switch (typeof value) {
        case 'string':
          return JSON.stringify(value)
        case 'bigint':
          return `${value}n`
        case 'function':
          return 'function'
        case 'number':
          return Object.is(value, -0) ? '-0' : `${value}`
        case 'object':
          return value === null ? 'null' : object(value)
        default:
          return String(value)
      }
    }

    function object(value: object): string {
      const known = seen.get(value)
      if (known !== undefined) return `#${known}`
      seen.set(value, seen.size)
      const tag = prototype.toString.call(value).slice(8, -1)
      const maker = (getPrototypeOf(value) as { constructor?: { name: string } } | null)
        ?.constructor
      return `${tag}:${maker?.name}(${inner(tag, value)}){${properties(value)}}`
    }

    function inner(tag: string, value: object): string {
      if (ArrayBuffer.isView(value)) {
        return `${value.byteOffset}+${value.byteLength} of ${write(value.buffer)}`
      }
      switch (tag) {
        case 'Date':
          return `${(value as Date).getTime()}`
        case 'RegExp':
          return `${value}`
        case 'Map':
          return [...(value as Map<unknown, unknown>)]
            .map(([key, item]) => `${write(key)}=>${write(item)}`)
            .join()
        case 'Set':
          return [...(value as Set<unknown>)].map(write).join()
        case 'ArrayBuffer': {
          const buffer = value as ArrayBuffer & { maxByteLength?: number }
          return `${new Uint8Array(buffer).join()};${buffer.maxByteLength}`
        }
        case 'Number':
        case 'String':
        case 'Boolean':
        case 'BigInt':
          return write(value.valueOf())
        case 'Error':
        case 'DOMException': {
          const error = value as Error
          return `${error.name}: ${error.message}, ${typeof error.stack}`
        }
        default:
          return ''
      }
    }

    function properties(value: object): string {
      if (ArrayBuffer.isView(value)) return ''
      return getOwnPropertyNames(value)
        .filter((name) => name !== 'stack')
        .map((name) => {
          const property = Object.getOwnPropertyDescriptor(value, name) as PropertyDescriptor
          const { enumerable, configurable, writable } = property
          const flags = [enumerable, configurable, writable].map((flag) => (flag ? 1 : 0)).join('')
          return `${JSON.stringify(name)}/${flags}:${write(property.value)}`
        })
        .join()
    }

    return write(given)
  }

  function outcome(fn: () => unknown): string {
    try {
      return value(fn())
    } catch (thrown) {
      if (!(thrown instanceof Error)) return `threw ${value(thrown)}`
      // Of a wrong receiver the language's own error is as good.
      const { code } = thrown as { code?: unknown }
      return `threw ${thrown.name} ${code === 'ERR_INVALID_THIS' ? undefined : code}`
    }
  }

  return { value, outcome }
}
