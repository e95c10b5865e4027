import type { List, Work } from './text.js'

/** One inspection. */
export interface Run {
  readonly work: Work
  readonly depth: number
  readonly hidden: boolean
  readonly most: number
  readonly width: number
  /** The objects that are being shown, by level. */
  readonly seen: List<object>
  /** Those of them that came up again. */
  readonly circular: List<object>
  /** The level of the last object that was shown. */
  deepest: number
}

/** An object that is being shown. */
export interface View {
  readonly run: Run
  readonly value: object
  readonly level: number
  readonly indent: number
  readonly entries: List<string>
  base: string
  open: string
  close: string
  isList: boolean
  isNumeric: boolean
}
