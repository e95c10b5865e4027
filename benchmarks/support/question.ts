import type { Build } from './builds.js'
import type { Peer } from './peer.js'
import type { Summary } from './stats.js'

export interface Settings {
  /** A smoke run: does everything, measures little. */
  readonly quick: boolean
  readonly peers: readonly Peer[]
  /** This build of vmring, and perhaps another to compare it with. */
  readonly builds: readonly Build[]
  /** The peer that ratios of calls are to. */
  readonly baseline: string
}

/** One thing to find out: a file beside `main.ts` that exports it as `question`. */
export interface Question {
  readonly title: string
  /** What was measured and how, for whoever reads the table. */
  readonly method: string
  /** The subject that ratios are to, unless another is asked for. */
  readonly baseline: string
  ask(settings: Settings): Promise<readonly Row[]>
}

/** One line of a result: a quantity of one subject, and its ratio to the baseline's. */
export interface Row {
  readonly quantity: string
  readonly unit: string
  readonly subject: string
  readonly value: Summary
  /** To the baseline's value in the same run; undefined for the baseline itself. */
  readonly ratio: Summary | undefined
  /** vmring's value over this one, where both are in the same rounds. */
  readonly ours?: Summary | undefined
}
