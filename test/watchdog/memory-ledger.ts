import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DeadlineCell } from '../../src/worker/deadline-cell.js'
import { MemoryLedger } from '../../src/worker/memory-ledger.js'

const MIB = 1024 * 1024
const LIMIT = 128 * MIB

/** A ledger of a process whose memory is what the test says. */
function ledgerAt(start: number) {
  const cell = new DeadlineCell()
  const state = { rss: start, now: 1000 }
  const ledger = new MemoryLedger(cell, () => state.rss, LIMIT)
  const turn = (context: number, added: number, duration = 0): void => {
    ledger.entered(context, state.now)
    state.now += duration
    state.rss += added
    ledger.left(state.now)
  }
  return { cell, state, ledger, turn }
}

test('what a context has grown by is its own', () => {
  const { cell, turn, ledger } = ledgerAt(20 * MIB)
  for (let i = 0; i < 10; i++) turn(1, MIB, 1)
  turn(2, 3 * MIB, 1)
  assert.deepEqual(cell.memory(), { base: 33 * MIB, top: 1, growth: 10 * MIB })
  ledger.forget(1)
  assert.deepEqual(cell.memory(), { base: 33 * MIB, top: 2, growth: 3 * MIB })
})

test('a context can`t hide behind the longer turns of another', () => {
  for (const start of [20 * MIB, 100 * MIB]) {
    const { cell, turn } = ledgerAt(start)
    for (let i = 0; i < 200; i++) {
      turn(1, 128 * 1024)
      turn(2, 0, 1)
    }
    const { top, growth } = cell.memory()
    assert.notEqual(top, 2)
    if (start > LIMIT * 0.75) assert.ok(top === 1 && growth > 20 * MIB, `${top}: ${growth}`)
  }
})

test('a long turn that grows much is charged, whoever had short ones before it', () => {
  const { cell, turn } = ledgerAt(20 * MIB)
  turn(1, 0)
  turn(2, 30 * MIB, 1)
  assert.deepEqual(cell.memory(), { base: 50 * MIB, top: 2, growth: 30 * MIB })
})

test('what is collected is taken off everyone`s share', () => {
  const { cell, turn } = ledgerAt(20 * MIB)
  turn(1, 20 * MIB, 1)
  turn(1, -20 * MIB, 1)
  assert.deepEqual(cell.memory(), { base: 20 * MIB, top: 1, growth: 10 * MIB })
})

test('what a context that is gone left unread is nobody`s', () => {
  for (const start of [20 * MIB, 100 * MIB]) {
    const { cell, ledger, turn } = ledgerAt(start)
    turn(1, 0, 1)
    // Too short for a reading of its own.
    turn(2, 20 * MIB)
    ledger.forget(2)
    turn(3, 0)
    turn(1, 0, 1)
    assert.notEqual(cell.memory().top, 2)
  }
})

/** The same in the plainest terms: what each has grown by, looked through at every reading. */
class Model {
  readonly #growth = new Map<number, number>()
  #base: number

  constructor(base: number) {
    this.#base = base
  }

  read(context: number, rss: number): void {
    const delta = rss - this.#base
    if (delta > 0) this.#growth.set(context, (this.#growth.get(context) ?? 0) + delta)
    else
      for (const [each, bytes] of this.#growth) this.#growth.set(each, (bytes * rss) / this.#base)
    this.#base = rss
  }

  move(from: number, to: number, share: number): void {
    const bytes = (this.#growth.get(from) ?? 0) * share
    this.#growth.set(from, (this.#growth.get(from) ?? 0) - bytes)
    this.#growth.set(to, (this.#growth.get(to) ?? 0) + bytes)
  }

  forget(context: number): void {
    this.#growth.delete(context)
  }

  of(context: number): number {
    return this.#growth.get(context) ?? 0
  }

  get most(): number {
    return Math.max(0, ...this.#growth.values())
  }
}

test('whoever grows, shrinks, hands on and goes, who has grown most is known', () => {
  const context = fc.integer({ min: 1, max: 4 })
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('turn' as const),
        context,
        rss: fc.integer({ min: 1, max: 900 }),
      }),
    },
    fc.record({
      do: fc.constant('move' as const),
      context,
      to: context,
      share: fc.constantFrom(0.5, 1),
    }),
    fc.record({ do: fc.constant('forget' as const), context }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { cell, ledger, state, turn } = ledgerAt(20 * MIB)
      const model = new Model(20 * MIB)
      for (const each of steps) {
        if (each.do === 'turn') {
          turn(each.context, each.rss * MIB - state.rss, 1)
          model.read(each.context, state.rss)
        } else if (each.do === 'forget') {
          ledger.forget(each.context)
          model.forget(each.context)
        } else if (each.context !== each.to) {
          ledger.move(each.context, each.to, each.share)
          model.move(each.context, each.to, each.share)
        }
        const { top, growth } = cell.memory()
        const nearly = (bytes: number): boolean => Math.abs(bytes - growth) <= 2048
        assert.ok(nearly(model.most), `${growth} of ${top}, where ${model.most} is most`)
        assert.ok(growth < 2048 || nearly(model.of(top)), `${growth}, of ${top} ${model.of(top)}`)
      }
    }),
  )
})
