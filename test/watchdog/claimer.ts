import { workerData } from 'node:worker_threads'
import { DeadlineCell } from '../../src/worker/deadline-cell.js'

/** What the claiming thread shares with the test, beside the cell. */
export const Shared = {
  stop: 0,
  /** Goes up as long as the thread looks. */
  looks: 1,
  /** The number of turns claimed. */
  claims: 2,
  /** The context whose turn was claimed last. */
  context: 3,
  /** Turns claimed before their deadline. */
  early: 4,
} as const
export const SHARED_WORDS = 5

export interface ClaimerData {
  readonly cell: SharedArrayBuffer
  readonly shared: SharedArrayBuffer
}

/** A watchdog that does nothing but look: it claims every overdue turn as soon as it sees it. */
if (workerData !== null) {
  const data = workerData as ClaimerData
  const cell = new DeadlineCell(data.cell)
  const shared = new Int32Array(data.shared)
  while (Atomics.load(shared, Shared.stop) === 0) {
    Atomics.add(shared, Shared.looks, 1)
    const turn = cell.turn()
    if (turn === 0 || cell.remaining() > 0 || !cell.claim(turn)) continue
    // Until the claim is acknowledged, the cell still shows the turn that was claimed.
    if (cell.remaining() > 0) Atomics.add(shared, Shared.early, 1)
    Atomics.store(shared, Shared.context, cell.context())
    Atomics.add(shared, Shared.claims, 1)
    Atomics.notify(shared, Shared.claims)
  }
}
