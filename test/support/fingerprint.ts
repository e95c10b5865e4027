/**
 * Writes a value down with everything that `equal` means here: kinds, prototypes, own property
 * names in order, bytes. Self-contained: the same text of it runs here and inside a context, each
 * with the intrinsics of its own realm, so that equal fingerprints mean equal values in both.
 */
export function fingerprint(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return `'${Array.from(value, (c) => c.codePointAt(0)).join()}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const prototype = Object.getPrototypeOf(value)
  const name = prototype === Object.prototype ? 'plain' : prototype.constructor.name
  const realm = globalThis as unknown as Record<string, { prototype?: object } | undefined>
  const own = prototype === Object.prototype || realm[name]?.prototype === prototype
  const parts: string[] = [name, own ? 'of this realm' : 'of another realm']
  const list = (items: Iterable<unknown>) => parts.push(Array.from(items, fingerprint).join())
  if (ArrayBuffer.isView(value)) {
    list(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  } else if (value instanceof ArrayBuffer) list(new Uint8Array(value))
  else if (value instanceof Date) list([value.getTime()])
  else if (value instanceof RegExp) list([value.source, value.flags])
  else if (value instanceof Map) list([...value].flat(1))
  else if (value instanceof Set) list(value)
  else {
    if (value instanceof Error) {
      list([value.name, value.message, Object.hasOwn(value, 'cause'), value.cause])
      if (value instanceof AggregateError) list(value.errors)
    }
    for (const key of Object.keys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      parts.push(fingerprint(key), fingerprint(property?.value))
    }
  }
  return `(${parts.join(' ')})`
}
