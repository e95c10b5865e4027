import assert from 'node:assert/strict'
import test from 'node:test'
import { Lifecycle, PROCESS_TRANSITIONS, SLOT_TRANSITIONS } from '../../src/pool/lifecycle.js'

/** Every transition that a table allows, and that its lifecycle makes. */
function allowed<S extends string>(table: Readonly<Record<S, readonly S[]>>): string[] {
  const states = Object.keys(table) as S[]
  const made: string[] = []
  for (const from of states) {
    for (const to of states) {
      const life = new Lifecycle(table, from)
      try {
        life.to(to)
      } catch (error) {
        assert.equal((error as Error).message, `no transition from ${from} to ${to}`)
        assert.equal(life.state, from)
        continue
      }
      assert.equal(life.state, to)
      made.push(`${from} -> ${to}`)
    }
  }
  return made
}

test('a process goes from start to exit, and never back', () => {
  assert.deepEqual(allowed(PROCESS_TRANSITIONS), [
    'starting -> ready',
    'starting -> stopping',
    'starting -> exited',
    'ready -> stopping',
    'ready -> exited',
    'stopping -> exited',
  ])
})

test('a slot is vacant or occupied until it is closed', () => {
  assert.deepEqual(allowed(SLOT_TRANSITIONS), [
    'vacant -> occupied',
    'vacant -> closed',
    'occupied -> vacant',
    'occupied -> closed',
  ])
})
