import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeadlineCell } from '../../src/worker/deadline-cell.js'

const OVERDUE = -2
const LONG = 600_000

/** All ways to lay two sequences into each other, as lists of which one goes next. */
function interleavings(a: number, b: number): ('a' | 'b')[][] {
  if (a === 0 && b === 0) return [[]]
  const first = a > 0 ? interleavings(a - 1, b).map((rest) => ['a' as const, ...rest]) : []
  const second = b > 0 ? interleavings(a, b - 1).map((rest) => ['b' as const, ...rest]) : []
  return [...first, ...second]
}

/** A main thread that makes turns after one another, until one of them is claimed. */
class Main {
  readonly #cell: DeadlineCell
  readonly #timeouts: readonly number[]
  #steps = 0
  /** The timeout of the turn that the watchdog was first with. */
  lost: number | undefined

  constructor(cell: DeadlineCell, timeouts: readonly number[]) {
    this.#cell = cell
    this.#timeouts = timeouts
  }

  step(): void {
    if (this.lost !== undefined) return
    const timeout = this.#timeouts[this.#steps >> 1] ?? LONG
    if (this.#steps++ % 2 === 0) this.#cell.enter(timeout, 1)
    else if (!this.#cell.leave()) this.lost = timeout
  }

  /** Goes on to the end, however the steps were laid. */
  finish(): void {
    while (this.#steps < this.#timeouts.length * 2 && this.lost === undefined) this.step()
  }
}

/** A watchdog that looks once, in as many steps as it reads the cell. */
class Look {
  readonly #cell: DeadlineCell
  #turn = 0
  #overdue = false
  #steps = 0
  claimed = false

  constructor(cell: DeadlineCell) {
    this.#cell = cell
  }

  step(): void {
    const step = this.#steps++
    if (step === 0) this.#turn = this.#cell.turn()
    else if (step === 1) this.#overdue = this.#cell.remaining() <= 0
    else if (this.#turn !== 0 && this.#overdue) this.claimed = this.#cell.claim(this.#turn)
  }
}

describe('the steps of main thread and watchdog, in every order', () => {
  for (const timeouts of [
    [OVERDUE, LONG],
    [LONG, OVERDUE],
    [LONG, OVERDUE, LONG],
    [OVERDUE, OVERDUE, LONG, LONG],
  ]) {
    it(`end no turn but an overdue one: ${timeouts.join(', ')}`, () => {
      let claims = 0
      let turnsLeft = 0
      for (const order of interleavings(timeouts.length * 2, 3)) {
        const cell = new DeadlineCell()
        const main = new Main(cell, timeouts)
        const look = new Look(new DeadlineCell(cell.shared))
        for (const who of order) (who === 'a' ? main : look).step()
        main.finish()
        const where = order.join('')
        assert.equal(look.claimed, main.lost !== undefined, where)
        if (look.claimed) {
          claims++
          assert.equal(main.lost, OVERDUE, where)
        } else {
          turnsLeft++
          assert.equal(cell.turn(), 0, where)
        }
      }
      assert.ok(claims > 0 && turnsLeft > 0, `${claims} claimed, ${turnsLeft} left`)
    })
  }

  it('give every turn a number of its own', () => {
    const cell = new DeadlineCell()
    const seen = new Set<number>()
    for (let i = 0; i < 1000; i++) {
      cell.enter(LONG, 1)
      assert.ok(cell.turn() > 0 && !seen.has(cell.turn()))
      seen.add(cell.turn())
      assert.equal(cell.leave(), true)
    }
  })
})
