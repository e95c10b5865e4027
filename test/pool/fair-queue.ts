import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { FairQueue } from '../../src/pool/fair-queue.js'

/** The same in the plainest terms: keys in the order of their turns, items in order of arrival. */
class Model {
  #turns: string[] = []
  readonly #items: { key: string; item: number }[] = []

  get size(): number {
    return this.#items.length
  }

  push(key: string, item: number): void {
    if (!this.#turns.includes(key)) this.#turns.push(key)
    this.#items.push({ key, item })
  }

  shift(): number | undefined {
    const key = this.#turns.shift()
    const at = this.#items.findIndex((entry) => entry.key === key)
    const [taken] = at === -1 ? [] : this.#items.splice(at, 1)
    if (key !== undefined && this.#items.some((entry) => entry.key === key)) this.#turns.push(key)
    return taken?.item
  }

  remove(key: string, item: number): boolean {
    const at = this.#items.findIndex((entry) => entry.key === key && entry.item === item)
    if (at !== -1) this.#items.splice(at, 1)
    this.#forget(key)
    return at !== -1
  }

  removeKey(key: string): number[] {
    const of = this.#items.filter((entry) => entry.key === key).map(({ item }) => item)
    for (const item of of) this.remove(key, item)
    return of
  }

  clear(): number[] {
    return [...this.#turns].flatMap((key) => this.removeKey(key))
  }

  #forget(key: string): void {
    if (this.#items.some((entry) => entry.key === key)) return
    this.#turns = this.#turns.filter((turn) => turn !== key)
  }
}

test('whatever is done to it, a fair queue does what the model does', () => {
  const key = fc.constantFrom('a', 'b', 'c')
  const item = fc.nat(5)
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), key, item }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('shift' as const) }) },
    fc.record({ do: fc.constant('remove' as const), key, item }),
    fc.record({ do: fc.constant('removeKey' as const), key }),
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  )
  type Queue = Model | FairQueue<string, number>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const queue = new FairQueue<string, number>()
      const model = new Model()
      for (const step of steps) {
        const run = (on: Queue): unknown => {
          if (step.do === 'push') return on.push(step.key, step.item)
          if (step.do === 'remove') return on.remove(step.key, step.item)
          if (step.do === 'removeKey') return on.removeKey(step.key)
          return step.do === 'shift' ? on.shift() : on.clear()
        }
        assert.deepEqual(run(queue), run(model), step.do)
        assert.equal(queue.size, model.size)
      }
    }),
  )
})

test('what goes ahead of its key waits for no other of it, and keeps none waiting for ever', () => {
  const queue = new FairQueue<string, string>()
  queue.push('a', 'a-0')
  queue.push('b', 'b-0')
  queue.push('a', 'a-1')
  for (let i = 0; i < 3; i++) queue.pushAhead('a', `ahead-${i}`)
  queue.pushAhead('c', 'c-ahead')
  const order = Array.from({ length: 7 }, () => queue.shift())
  assert.deepEqual(order, ['ahead-0', 'b-0', 'c-ahead', 'a-0', 'ahead-1', 'a-1', 'ahead-2'])
  assert.equal(queue.shift(), undefined)
})

test('however many items a key has, they can be taken out at once', () => {
  for (const takeAll of ['clear', 'removeKey'] as const) {
    const queue = new FairQueue<string, number>()
    for (let i = 0; i < 200_000; i++) queue.push('a', i)
    assert.equal(queue[takeAll]('a').length, 200_000)
    assert.equal(queue.size, 0)
  }
})

test('a tally counts what waits in several queues', () => {
  const tally = { count: 0 }
  const [one, other] = [new FairQueue<string, number>(tally), new FairQueue<string, number>(tally)]
  for (let i = 0; i < 5; i++) one.push('a', i)
  other.push('a', 0)
  other.pushAhead('b', 1)
  assert.equal(tally.count, 7)
  one.shift()
  other.remove('b', 1)
  assert.equal(tally.count, 5)
  one.removeKey('a')
  other.clear()
  assert.equal(tally.count, 0)
})

test('one key with many items delays another by one item, not by all', () => {
  const queue = new FairQueue<string, string>()
  for (let i = 0; i < 10_000; i++) queue.push('busy', `busy-${i}`)
  queue.push('quiet', 'quiet-0')
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], ['busy-0', 'quiet-0', 'busy-1'])
})
