import type { Machine } from '../../src/cli/machine.js'
import type { Peer } from './peer.js'
import type { Row } from './question.js'

/** A run's outcome, as `--json` writes it and `--from` reads it. */
export interface RunDocument {
  readonly machine: Machine
  readonly date: string
  readonly quick: boolean
  readonly peers: readonly Omit<Peer, 'start' | 'missing'>[]
  readonly results: readonly Result[]
}

export interface Result {
  /** The question's file. */
  readonly name: string
  readonly title: string
  readonly method: string
  readonly baseline: string
  readonly rows: readonly Row[]
}

/** What is compared: ratios are formed within rounds, and hold on a busy machine, too. */
export function ratioOf({ ratio }: Row): number {
  return ratio?.value ?? 1
}

/** The rows of one quantity. Throws when the run did not ask for it. */
export function rowsFor(run: RunDocument, question: string, quantity: string): readonly Row[] {
  const result = run.results.find(({ name }) => name === question)
  const rows = result?.rows.filter((row) => row.quantity === quantity) ?? []
  if (rows.length === 0) throw new Error(`this run has no "${quantity}" of ${question}`)
  return rows
}
