import type { Entries } from './entries.js'
import type { Inspect } from './inspect.js'
import type { Look } from './look.js'
import type { List, Text, Work } from './text.js'

/** A value's entries as a table; undefined for a value that has none. */
export type Table = (value: unknown, columns: unknown, work: Work) => string | undefined

/**
 * Self-contained: it is carried into contexts as source text, and captures the intrinsics it needs
 * before any script runs.
 */
export function createTable(
  { list, add, clip }: Text,
  inspect: Inspect,
  look: Look,
  entries: Entries,
): Table {
  const { bind, call } = Function.prototype
  const uncurry = bind.bind(call) as (fn: unknown) => (self: unknown, ...args: unknown[]) => never
  const { isArray } = Array
  const { keys, hasOwn, getOwnPropertyDescriptor, getPrototypeOf } = Object
  const { max } = Math
  const MapOf = Map
  const repeat = uncurry(String.prototype.repeat) as (s: string, times: number) => string
  const indexOf = uncurry(String.prototype.indexOf) as (s: string, of: string) => number
  const slice = uncurry(String.prototype.slice) as (s: string, from: number, to: number) => string
  const mapGet = uncurry(Map.prototype.get) as (m: unknown, key: unknown) => number | undefined
  const mapSet = uncurry(Map.prototype.set)
  const mapEntries = uncurry(Map.prototype.entries) as (v: object) => object
  const setValues = uncurry(Set.prototype.values) as (v: object) => object
  const mapNext = uncurry(getPrototypeOf(new Map().entries()).next) as Next
  const setNext = uncurry(getPrototypeOf(new Set().values()).next) as Next

  const MOST_ROWS = 1000
  const MOST_COLUMNS = 50
  const LONGEST_CELL = 200
  const INDEX = '(index)'
  const ITERATION = '(iteration index)'
  const VALUES = 'Values'

  type Next = (iterator: object) => { readonly value: unknown; readonly done: boolean }
  interface Grid {
    readonly work: Work
    /** Names of columns, and where they are. */
    readonly heads: List<string>
    readonly at: object
    readonly rows: List<List<string>>
    /** What rows hold that are no objects. */
    readonly values: List<string>
    /** What the table shows of each row; everything by default. */
    readonly wanted: List<string> | undefined
    hasValues: boolean
  }

  function shortened(text: string): string {
    const end = indexOf(text, '\n')
    const line = end < 0 ? text : `${slice(text, 0, end)}…`
    return line.length > LONGEST_CELL ? `${slice(line, 0, LONGEST_CELL - 1)}…` : line
  }

  /** The keys of a value; of elements so many, and nothing else. */
  function namesOf(value: object, most: number): List<string> {
    const { kind } = look.at(value)
    const length = entries.lengthOf(value, kind)
    if (length === 0) return keys(value)
    const names = list<string>()
    // A text is no list, and one of shared pieces takes no memory until it is looked at.
    for (let i = 0; i < length && i < most && kind !== 'String'; i++) add(names, `${i}`)
    return names
  }

  function cell({ work }: Grid, value: unknown): string {
    const isLarge =
      typeof value === 'object' && value !== null && !isArray(value) && namesOf(value, 3).length > 2
    return shortened(inspect(value, work, isLarge ? -1 : 0, false, 3, 1 / 0))
  }

  function put(grid: Grid, row: List<string>, name: string, text: string): void {
    let at = mapGet(grid.at, name)
    if (at === undefined) {
      at = grid.heads.length
      if (at === MOST_COLUMNS) return
      mapSet(grid.at, name, at)
      add(grid.heads, shortened(clip(name, LONGEST_CELL)))
    }
    row[at] = text
  }

  function isSpent({ work, rows }: Grid): boolean {
    if (work.left > 0 && --work.steps > 0 && rows.length < MOST_ROWS) return false
    work.isPartial = true
    return true
  }

  function property(grid: Grid, holder: object, name: string): string {
    const found = getOwnPropertyDescriptor(holder, name)
    if (!found) return ''
    return hasOwn(found, 'value') ? cell(grid, found.value) : '[Getter]'
  }

  /** One row: what `value` has in it, or is. */
  function addRow(grid: Grid, index: string, value: unknown): void {
    const row = list<string>()
    row[0] = index
    add(grid.rows, row)
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
      grid.values[grid.rows.length - 1] = cell(grid, value)
      grid.hasValues = true
      return
    }
    const names = grid.wanted ?? namesOf(value, MOST_COLUMNS)
    for (let i = 0; i < names.length && i < MOST_COLUMNS && grid.work.left > 0; i++) {
      const name = names[i] as string
      put(grid, row, name, property(grid, value, name))
    }
  }

  function addIterated(grid: Grid, value: object, isMap: boolean): void {
    const iterator = isMap ? mapEntries(value) : setValues(value)
    const next = isMap ? mapNext : setNext
    for (let i = 0; !isSpent(grid); i++) {
      const { value: item, done } = next(iterator)
      if (done) return
      const row = list<string>()
      row[0] = `${i}`
      add(grid.rows, row)
      if (isMap) put(grid, row, 'Key', cell(grid, (item as unknown[])[0]))
      grid.values[i] = cell(grid, isMap ? (item as unknown[])[1] : item)
      grid.hasValues = true
    }
  }

  function isIterated(value: object, method: (v: object) => object): boolean {
    try {
      method(value)
      return true
    } catch {
      return false
    }
  }

  function addAll(grid: Grid, value: object): void {
    if (isIterated(value, mapEntries)) return addIterated(grid, value, true)
    if (isIterated(value, setValues)) return addIterated(grid, value, false)
    const names = namesOf(value, MOST_ROWS + 1)
    for (let i = 0; i < names.length && !isSpent(grid); i++) {
      const name = names[i] as string
      const found = getOwnPropertyDescriptor(value, name)
      if (found) addRow(grid, shortened(clip(name, LONGEST_CELL)), found.value)
    }
  }

  function line(cells: List<string>, widths: List<number>): string {
    let out = '│'
    for (let i = 0; i < widths.length; i++) {
      const text = cells[i] ?? ''
      out += ` ${text}${repeat(' ', (widths[i] as number) - text.length)} │`
    }
    return out
  }

  function rule(widths: List<number>, left: string, middle: string, right: string): string {
    let out = left
    for (let i = 0; i < widths.length; i++) {
      out += `${i > 0 ? middle : ''}${repeat('─', (widths[i] as number) + 2)}`
    }
    return out + right
  }

  function drawn({ work, heads, rows, values, hasValues }: Grid, room: number): string {
    if (hasValues) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as List<string>
        row[heads.length] = values[i] ?? ''
      }
      add(heads, VALUES)
    }
    const widths = list<number>()
    for (let i = 0; i < heads.length; i++) {
      let width = (heads[i] as string).length
      for (let j = 0; j < rows.length; j++) width = max(width, rows[j]?.[i]?.length ?? 0)
      add(widths, width)
    }
    let out = `${rule(widths, '┌', '┬', '┐')}\n${line(heads, widths)}\n${rule(widths, '├', '┼', '┤')}\n`
    for (let i = 0; i < rows.length; i++) {
      if (out.length > room) {
        work.isPartial = true
        break
      }
      out += `${line(rows[i] as List<string>, widths)}\n`
    }
    return out + rule(widths, '└', '┴', '┘')
  }

  function namesIn(columns: unknown): List<string> | undefined {
    if (!isArray(columns)) return undefined
    const names = list<string>()
    for (let i = 0; i < columns.length && i < MOST_COLUMNS; i++) {
      const name = columns[i]
      if (typeof name === 'string') add(names, name)
    }
    return names
  }

  return (value, columns, work) => {
    if (typeof value !== 'object' || value === null) return undefined
    const room = work.left
    const isIterable = isIterated(value, mapEntries) || isIterated(value, setValues)
    const grid: Grid = {
      ...{ work, heads: list(), at: new MapOf(), rows: list(), values: list() },
      ...{ wanted: namesIn(columns), hasValues: false },
    }
    add(grid.heads, isIterable ? ITERATION : INDEX)
    addAll(grid, value)
    return drawn(grid, room)
  }
}
