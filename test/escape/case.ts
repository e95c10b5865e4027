/** One way out of a context that worked somewhere once, small enough to see what it does. */
export interface EscapeCase {
  readonly name: string
  /** The public advisory it stands for, or the documentation or issue that tells of it. */
  readonly advisory: string
  /** Runs in a context of its own, with `probe` (`probe.ts`) in scope. */
  readonly script: string
  /** Called by path after the script, with arguments that are no primitives. */
  readonly call?: string
  /** How it ends: a script that stops early for some other reason has proved nothing. */
  readonly ends?: 'value' | 'thrown' | 'unserializable' | 'any'
}

/** By the classes of docs/security.md and of the literature. */
export type EscapeClasses = Readonly<Record<string, readonly EscapeCase[]>>
