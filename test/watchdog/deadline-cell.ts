import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { DeadlineCell, monotonic } from '../../src/worker/deadline-cell.js'
import { type ClaimerData, SHARED_WORDS, Shared } from './claimer.js'

const NS_PER_US = 1000n

test('every thread reads the same clock, to a fraction of a millisecond', () => {
  // Threads that differ by a millisecond end turns of one millisecond when they begin.
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 1000; i++) {
    const system = Number(process.hrtime.bigint() / NS_PER_US) / 1000
    const difference = monotonic() - system
    if (Math.abs(difference) < Math.abs(nearest)) nearest = difference
  }
  assert.ok(Math.abs(nearest) < 0.02, `off by ${nearest} ms`)
})

const OVERDUE = -2
/** Far more than any turn here takes. */
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

/** By hand, tens of thousands, however long they take. */
const byHand = process.env.VMRING_RACE_TURNS
const TURNS = Number(byHand ?? 1000)
/** In milliseconds: on a busy machine the two threads seldom run side by side. */
const TIME = byHand === undefined ? 3000 : Number.POSITIVE_INFINITY
/** In milliseconds. */
const MEETING = 0.2

/** A cell, and a thread that claims its turns. */
class Claimer {
  readonly cell = new DeadlineCell()
  /** Turns claimed so far. */
  claimed = 0
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS))
  readonly #thread: Worker

  constructor() {
    const shared = this.#shared.buffer as SharedArrayBuffer
    const workerData: ClaimerData = { cell: this.cell.shared, shared }
    this.#thread = new Worker(new URL('./claimer.js', import.meta.url), { workerData })
  }

  /** Waits a little for the two to run side by side: on a busy machine they share a core. */
  meet(): void {
    const until = monotonic() + MEETING
    const looks = this.#load(Shared.looks)
    while (this.#load(Shared.looks) - looks < 2 && monotonic() < until);
  }

  /** Leaves the turn; when the thread was first, takes note of its claim. */
  leave(context: number): boolean {
    if (this.cell.leave()) {
      assert.equal(this.#load(Shared.claims), this.claimed, 'a turn that was left is claimed')
      return true
    }
    this.awaitClaim()
    assert.equal(this.#load(Shared.context), context, 'the claim is for another turn')
    assert.equal(this.cell.turn(), 0)
    this.claimed++
    this.cell.clear()
    return false
  }

  awaitClaim(): void {
    while (this.#load(Shared.claims) === this.claimed) this.#pause()
    assert.equal(this.#load(Shared.claims), this.claimed + 1)
  }

  async stop(): Promise<void> {
    Atomics.store(this.#shared, Shared.stop, 1)
    await once(this.#thread, 'exit')
    assert.equal(this.#load(Shared.early), 0, 'turns were claimed before their deadline')
    assert.equal(this.#load(Shared.claims), this.claimed)
  }

  #load(word: number): number {
    return Atomics.load(this.#shared, word)
  }

  #pause(): void {
    Atomics.wait(this.#shared, Shared.claims, this.claimed, 0.05)
  }
}

async function withClaimer(use: (claimer: Claimer) => void): Promise<void> {
  const claimer = new Claimer()
  try {
    use(claimer)
  } finally {
    await claimer.stop()
  }
}

const scratch = new Int32Array(1)

/** Up to a few microseconds, which the compiler can't leave out. */
function spin(times: number): void {
  for (let i = 0; i < times; i++) Atomics.add(scratch, 0, 1)
}

describe('leaving a turn and claiming it', () => {
  it('are one or the other, and never hit the next turn', async (t) => {
    const end = monotonic() + TIME
    let left = 0
    await withClaimer((claimer) => {
      for (let i = 1; i <= TURNS && monotonic() < end; i++) {
        claimer.meet()
        // Overdue from its start, so that leaving races a thread that already wants it.
        claimer.cell.enter(-2, i)
        spin(Math.random() * 60)
        if (claimer.leave(i)) left++
        // Begins while the thread may still be about to claim the turn before.
        claimer.cell.enter(LONG, 0)
        spin(Math.random() * 100)
        assert.ok(claimer.leave(0), `turn ${i} took the next one along`)
      }
      t.diagnostic(`${left} left, ${claimer.claimed} claimed`)
    })
  })

  it('leave no overdue turn unclaimed', async () => {
    await withClaimer((claimer) => {
      for (let i = 0; i < 50; i++) {
        claimer.cell.enter(-2, i)
        claimer.awaitClaim()
        assert.equal(claimer.leave(i), false)
      }
    })
  })

  it('are told apart to the microsecond at a deadline', async (t) => {
    const end = monotonic() + TIME
    let left = 0
    await withClaimer((claimer) => {
      for (let i = 1; i <= TURNS / 2 && monotonic() < end; i++) {
        claimer.meet()
        const before = monotonic()
        claimer.cell.enter(0.2, i)
        // The deadline is the next whole millisecond: turns end a few dozen us before or after it.
        const end = Math.ceil(before + 0.2) + Math.random() * 0.06 - 0.02
        while (monotonic() < end);
        if (claimer.leave(i)) left++
        else assert.ok(monotonic() >= before + 0.2, `turn ${i} was claimed before its time`)
      }
      t.diagnostic(`${left} left, ${claimer.claimed} claimed`)
    })
  })
})
