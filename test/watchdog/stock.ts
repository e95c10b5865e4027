import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Realm } from '../../src/worker/realm/realm.js'
import { Stock } from '../../src/worker/stock.js'

const realm = {} as Realm

function fill(stock: Stock): number {
  while (stock.isShort) stock.add(realm)
  return stock.size
}

/** Takes so many at a time; the number of those that were missed. */
function burst(stock: Stock, count: number): number {
  let missed = 0
  for (let i = 0; i < count; i++) if (!stock.take()) missed++
  return missed
}

test('as many are kept as come to be wanted at a time, within bounds', () => {
  const stock = new Stock()
  assert.equal(fill(stock), 1)
  burst(stock, 16)
  fill(stock)
  assert.equal(burst(stock, 16), 0)
  burst(stock, 1000)
  assert.equal(fill(stock), 32)
})

test('fewer are kept when there always are some left', () => {
  const stock = new Stock()
  burst(stock, 1000)
  assert.equal(fill(stock), 32)
  for (let i = 0; i < 2000; i++) {
    assert.equal(burst(stock, 1), 0)
    fill(stock)
  }
  assert.ok(fill(stock) <= 4, `${stock.size}`)
})

test('after all were let go, or one could not be made, more are made when one is missed', () => {
  for (const stop of ['clear', 'settle'] as const) {
    const stock = new Stock()
    burst(stock, 100)
    fill(stock)
    stock[stop]()
    assert.equal(stock.isShort, false)
    while (stock.take());
    assert.equal(stock.isShort, true)
    assert.equal(fill(stock), 1)
  }
})
