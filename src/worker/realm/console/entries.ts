import type { Text } from './text.js'
import type { Run, View } from './view.js'

/** Shows a value, whatever it is. */
type Show = (run: Run, value: unknown, level: number, indent: number) => string

/** What an object has in it, one entry each, as long as there is room. */
export interface Entries {
  /** Whether there is no room left, or too much has been looked at. */
  isSpent(run: Run): boolean
  spend(run: Run, shown: string): string
  sizeOf(value: object, kind: string): number
  /** How many of an object's properties are elements: listing those of a long one takes minutes. */
  lengthOf(value: object, kind: string): number
  fill(view: View, kind: string, size: number, show: Show): void
  addMore(view: View, count: number, of: string): void
  /** What a property holds. */
  held(view: View, property: PropertyDescriptor, show: Show): string
}

/**
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs.
 */
export function createEntries({ add }: Text): Entries {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { hasOwn, getOwnPropertyDescriptor, getPrototypeOf } = Object
  const getter = (prototype: object, name: PropertyKey) =>
    uncurry(getOwnPropertyDescriptor(prototype, name)?.get)
  type Next = (iterator: object) => { readonly value: unknown; readonly done: boolean }
  const U8 = Uint8Array
  const viewLength = getter(getPrototypeOf(U8.prototype) as object, 'length') as (
    v: object,
  ) => number
  const dataSize = getter(DataView.prototype, 'byteLength') as (v: object) => number
  const dataOffset = getter(DataView.prototype, 'byteOffset') as (v: object) => number
  const dataBuffer = getter(DataView.prototype, 'buffer') as (v: object) => object
  const stringOf = uncurry(String.prototype.valueOf) as (v: object) => string
  const mapSize = getter(Map.prototype, 'size') as (v: object) => number
  const setSize = getter(Set.prototype, 'size') as (v: object) => number
  const mapEntries = uncurry(Map.prototype.entries) as (v: object) => object
  const setValues = uncurry(Set.prototype.values) as (v: object) => object
  const mapNext = uncurry(getPrototypeOf(new Map().entries()).next) as Next
  const setNext = uncurry(getPrototypeOf(new Set().values()).next) as Next
  const hex = uncurry(Number.prototype.toString) as (n: number, radix: number) => string

  /** Holes of one array that are looked for. */
  const MOST_HOLES = 10_000

  function isSpent({ work }: Run): boolean {
    if (work.left > 0 && --work.steps > 0) return false
    work.isPartial = true
    return true
  }

  function spend(run: Run, shown: string): string {
    run.work.left -= shown.length
    return shown
  }

  function lengthOf(value: object, kind: string): number {
    if (kind === 'view') return viewLength(value)
    if (kind === 'String') return stringOf(value).length
    if (kind !== 'array') return 0
    const { length } = value as { length: unknown }
    return typeof length === 'number' ? length : 0
  }

  /** How many entries an object has beside its properties. */
  function sizeOf(value: object, kind: string): number {
    switch (kind) {
      case 'array':
      case 'view':
        return lengthOf(value, kind)
      case 'Map':
        return mapSize(value)
      case 'Set':
        return setSize(value)
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
      case 'DataView':
      case 'Promise':
      case 'WeakMap':
      case 'WeakSet':
        return 1
      default:
        return 0
    }
  }

  function addMore(view: View, count: number, of = 'item'): void {
    if (count > 0) add(view.entries, `... ${count} more ${of}${count > 1 ? 's' : ''}`)
  }

  function held(view: View, property: PropertyDescriptor, show: Show): string {
    const { run, level, indent } = view
    if (hasOwn(property, 'value')) return show(run, property.value, level + 1, indent + 2)
    if (property.get) return spend(run, property.set ? '[Getter/Setter]' : '[Getter]')
    return spend(run, property.set ? '[Setter]' : 'undefined')
  }

  function addElements(view: View, length: number, show: Show): void {
    const { run, value, entries } = view
    let i = 0
    while (i < length && entries.length < run.most && !isSpent(run)) {
      const property = getOwnPropertyDescriptor(value, i)
      run.work.left -= 2
      if (property) {
        const type = typeof property.value
        if (type !== 'number' && type !== 'bigint') view.isNumeric = false
        add(entries, held(view, property, show))
        i++
        continue
      }
      const from = i
      while (i < length && i - from < MOST_HOLES && !hasOwn(value, i) && !isSpent(run)) i++
      if (i === from) break
      add(entries, spend(run, `<${i - from} empty item${i - from > 1 ? 's' : ''}>`))
      view.isNumeric = false
      if (i - from === MOST_HOLES) break
    }
    addMore(view, length - i)
  }

  function addNumbers(view: View, length: number, show: Show): void {
    const { run, value, entries } = view
    let i = 0
    for (; i < length && i < run.most && !isSpent(run); i++) {
      add(entries, show(run, (value as Uint8Array)[i], view.level + 1, 0))
      run.work.left -= 2
    }
    addMore(view, length - i)
  }

  function addEntries(view: View, size: number, isMap: boolean, show: Show): void {
    const { run, level, indent } = view
    const iterator = isMap ? mapEntries(view.value) : setValues(view.value)
    const next = isMap ? mapNext : setNext
    let i = 0
    for (; i < size && i < run.most && !isSpent(run); i++) {
      const { value, done } = next(iterator)
      if (done) break
      run.work.left -= 4
      if (isMap) {
        const pair = value as [unknown, unknown]
        const key = show(run, pair[0], level + 1, indent + 2)
        add(view.entries, `${key} => ${show(run, pair[1], level + 1, indent + 2)}`)
      } else add(view.entries, show(run, value, level + 1, indent + 2))
    }
    addMore(view, size - i)
  }

  function addBytes({ run, value, entries }: View): void {
    let bytes: Uint8Array
    try {
      bytes = new U8(value as ArrayBuffer)
    } catch {
      return add(entries, '(detached)')
    }
    const size = viewLength(bytes)
    let shown = ''
    let i = 0
    for (; i < size && i < run.most && !isSpent(run); i++) {
      const byte = bytes[i] as number
      shown += `${i > 0 ? ' ' : ''}${byte < 16 ? '0' : ''}${hex(byte, 16)}`
    }
    if (size > i) shown += ` ... ${size - i} more byte${size - i > 1 ? 's' : ''}`
    add(entries, spend(run, `[Uint8Contents]: <${shown}>`))
    add(entries, spend(run, `[byteLength]: ${size}`))
  }

  function addData(view: View, show: Show): void {
    const { run, value, entries, level, indent } = view
    add(entries, `[byteLength]: ${dataSize(value)}`)
    add(entries, `[byteOffset]: ${dataOffset(value)}`)
    add(entries, `[buffer]: ${show(run, dataBuffer(value), level + 1, indent + 2)}`)
  }

  function fill(view: View, kind: string, size: number, show: Show): void {
    switch (kind) {
      case 'array':
        return addElements(view, size, show)
      case 'view':
        return addNumbers(view, size, show)
      case 'Map':
      case 'Set':
        return addEntries(view, size, kind === 'Map', show)
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        return addBytes(view)
      case 'DataView':
        return addData(view, show)
      case 'Promise':
        return add(view.entries, '<state unknown>')
      case 'WeakMap':
      case 'WeakSet':
        return add(view.entries, '<items unknown>')
    }
  }

  return {
    __proto__: null,
    isSpent,
    spend,
    sizeOf,
    lengthOf,
    fill,
    addMore,
    held,
  } as unknown as Entries
}
