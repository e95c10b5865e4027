import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keyOf, mintBalancedId, mintId, Ring } from '../../src/ring/hash-ring.js'

const slots = (count: number) => Array.from({ length: count }, (_, i) => `slot-${i}`)
const KEYS = Array.from({ length: 4_000 }, (_, i) => `tenant-${i}`)

test('the same key is always on the same slot, in every ring of the same slots', () => {
  const names = slots(5)
  const rings = [new Ring(names), new Ring([...names].reverse()), new Ring(names)]
  for (const key of KEYS.slice(0, 1000)) {
    const owners = rings.map((ring) => ring.slotOf(key))
    assert.equal(new Set(owners).size, 1, key)
  }
})

test('a ring leaves the names it was given alone', () => {
  const names = Object.freeze(slots(3))
  new Ring(names)
  assert.deepEqual(names, ['slot-0', 'slot-1', 'slot-2'])
})

test('a key is a key, whatever else its name means, and changes nothing but the ring', () => {
  const names = Object.getOwnPropertyNames(Object.prototype)
  const builtIns = [
    Object,
    Object.prototype,
    Function.prototype,
    ...names.map((name) => ({})[name as never]),
  ]
  const properties = () => builtIns.filter(Boolean).map((each) => Reflect.ownKeys(each).length)
  const before = properties()
  for (const slots of [
    ['a', 'b', 'c'],
    ['x', 'y', 'z'],
    ['a', 'b', 'c'],
  ]) {
    const ring = new Ring(slots)
    for (const name of [...names, ...names]) {
      assert.ok(slots.includes(ring.slotOf(name)), `${name} on ${ring.slotOf(name)}`)
    }
  }
  assert.deepEqual(properties(), before)
  assert.deepEqual(Object.keys(Object.prototype), [])
})

test('a ring of one slot gives it every key, the strangest included', () => {
  const ring = new Ring(['slot-0'])
  for (const key of ['', '__proto__', '\ud800', '\0', 'x'.repeat(10_000)]) {
    assert.equal(ring.slotOf(key), 'slot-0')
  }
})

test('a slot that is added takes about its share of the keys, and none moves between the others', () => {
  // 7 and 14 are counts whose reciprocal, times itself, falls short of 1.
  for (const count of [4, 6, 7, 8, 13]) {
    const ring = new Ring(slots(count))
    const before = KEYS.map((key) => ring.slotOf(key))
    ring.add('newcomer')
    const after = KEYS.map((key) => ring.slotOf(key))
    const moved = after.filter((slot, i) => slot !== before[i])
    assert.ok(moved.every((slot) => slot === 'newcomer'))
    assert.ok(moved.length > 0)
    const share = moved.length / KEYS.length
    assert.ok(share <= 1.3 / (count + 1), `${share} of the keys moved to slot ${count + 1}`)
  }
})

test('a slot that is removed gives up its own keys, and no other key moves', () => {
  const ring = new Ring(slots(8))
  const before = KEYS.map((key) => ring.slotOf(key))
  ring.remove('slot-3')
  const after = KEYS.map((key) => ring.slotOf(key))
  let moved = 0
  after.forEach((slot, i) => {
    if (before[i] === 'slot-3') {
      assert.notEqual(slot, 'slot-3')
      moved++
    } else assert.equal(slot, before[i])
  })
  assert.ok(moved / KEYS.length <= 1.3 / 8)
})

test('a ring that grew and shrank again is what it was, and what a new one would be', () => {
  const ring = new Ring(slots(4))
  ring.add('slot-4')
  const grown = new Ring(slots(5))
  for (const key of KEYS.slice(0, 1000)) assert.equal(ring.slotOf(key), grown.slotOf(key))
  ring.remove('slot-4')
  const fresh = new Ring(slots(4))
  for (const key of KEYS.slice(0, 1000)) assert.equal(ring.slotOf(key), fresh.slotOf(key))
})

test('the key of a minted ID is what it was minted from, whatever that is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (key) => {
      assert.equal(keyOf(mintId(key)), key)
    }),
  )
  assert.equal(keyOf(mintId('a/b')), 'a/b')
  assert.equal(keyOf(mintId(mintId('a'))).slice(0, 2), 'a/')
})

test("the key of an ID of the caller's own is all of it", () => {
  for (const id of ['tenant-42', 'a/b', '/', 'a/', `/${'x'.repeat(22)}`, `a/${'x'.repeat(21)}`]) {
    assert.equal(keyOf(id), id)
  }
  assert.equal(keyOf(`a/${'+'.repeat(22)}`), `a/${'+'.repeat(22)}`)
})

test('10 000 minted IDs over 8 slots are within a tenth of the mean', () => {
  const names = Array.from({ length: 8 }, (_, i) => `slot-${i}`)
  const ring = new Ring(names)
  const loads = new Map(names.map((name) => [name, 0]))
  for (let i = 0; i < 10_000; i++) {
    const id = mintBalancedId(ring, (slot) => loads.get(slot) ?? 0)
    const slot = ring.slotOf(keyOf(id))
    loads.set(slot, (loads.get(slot) ?? 0) + 1)
  }
  for (const [name, load] of loads) {
    assert.ok(Math.abs(load - 1250) <= 125, `${name} has ${load} of 10 000`)
  }
})

test('no two IDs are equal, and none can be guessed from its key', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => mintId('key')))
  assert.equal(ids.size, 1000)
  for (const id of ids) assert.match(id, /^key\/[\w-]{22}$/)
})
