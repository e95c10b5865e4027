/** A library as a script sees it: untyped. */
// biome-ignore lint/suspicious/noExplicitAny: what a library is, only the scripts that use it know
export type Library = any

/** A package as it is shipped, and a script that puts it to work. */
export interface Package {
  readonly name: string
  /** Files of the package, in the order in which they are evaluated. */
  readonly files: readonly string[]
  /** What scripts call the library. */
  readonly global: string
  /** The last file is a CommonJS module, not a script: it gets a `module` and names no global. */
  readonly commonjs?: true
  /**
   * Uses the library and returns plain values. It is carried as source text, so it refers to
   * nothing but its argument; and it must not depend on the clock, the time zone or chance.
   */
  readonly use: (library: Library) => unknown
}
