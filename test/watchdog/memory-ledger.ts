import assert from 'node:assert/strict'
import { test } from 'node:test'
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
