/**
 * The wire format of what MessagePack has no notation for: an extension that holds a pair of
 * tag and data. Append, never renumber.
 */
export const TAGS = {
  negativeZero: 0,
  utf16: 1,
  entries: 2,
  date: 3,
  regexp: 4,
  map: 5,
  set: 6,
  buffer: 7,
  view: 8,
  error: 9,
  bigint: 10,
} as const

export type Tags = typeof TAGS

/** One value that needs its tag to travel. */
export interface Tagged {
  readonly tag: number
  readonly data: unknown
}

export type TaggedClass = new (tag: number, data: unknown) => Tagged

/** Where a value that can't travel sits, and why it can't. */
export interface ValueProblem {
  readonly path: string
  readonly why: string
}

export interface ValueOptions {
  /** Functions and symbols: leave them out as JSON does, or refuse them. */
  readonly functions: 'drop' | 'refuse'
  /** What of an error's stack travels; undefined keeps all of it at home. */
  readonly stackOf: ((stack: string) => string) | undefined
  /** Levels of nesting that may travel. */
  readonly maxDepth: number
  /** Values that may travel in one message. */
  readonly maxNodes: number
  /** Builds what to throw for a value that can't travel. */
  readonly problem: (problem: ValueProblem) => unknown
}
