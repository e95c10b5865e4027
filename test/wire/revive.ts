import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TAGS } from '../../src/wire/values/format.js'
import { createRevive, type Revival } from '../../src/wire/values/revive.js'

/** A revival for which each look at the clock is so many milliseconds later. */
function slowRevival(step: number): Revival {
  const { now } = Date
  let time = 0
  Date.now = () => {
    time += step
    return time
  }
  try {
    return createRevive(TAGS)
  } finally {
    Date.now = now
  }
}

const fill = ({ revive }: Revival, tag: number): unknown => revive(tag, [1, 2] as never)

test('all maps and sets of a message share one allowance of time', () => {
  for (const tag of [TAGS.map, TAGS.set]) {
    const revival = slowRevival(70)
    revival.begin()
    assert.throws(
      () => {
        for (let i = 0; i < 10; i++) fill(revival, tag)
      },
      { name: 'TypeError', message: 'keys that collide' },
    )
    revival.begin()
    fill(revival, tag)
  }
})

test('what is quick is never given up', () => {
  const revival = slowRevival(0)
  revival.begin()
  for (let i = 0; i < 1000; i++) fill(revival, TAGS.set)
})
