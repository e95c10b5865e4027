import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { WorkerOutput } from '../../src/pool/worker-output.js'

const MIB = 1024 * 1024

test('a process that prints for ever is read slowly, and the end of what it says is kept', async () => {
  const stream = new PassThrough()
  let logged = 0
  const output = new WorkerOutput(stream, (text) => {
    logged += text.length
  })
  // The timer that ends a pause keeps no program alive.
  const alive = setTimeout(() => {}, 10_000)
  const print = async (text: string): Promise<void> => {
    const read = once(stream, 'data')
    stream.write(text)
    await read
  }
  while (logged < MIB) {
    await print('x'.repeat(8 * 1024))
    assert.equal(stream.isPaused(), false)
  }
  const kept = logged
  for (let i = 0; i < 3; i++) {
    await print(`the end ${i}`)
    assert.equal(stream.isPaused(), true)
  }
  clearTimeout(alive)
  assert.equal(logged, kept)
  assert.match(output.tail, /the end 2$/)
})
