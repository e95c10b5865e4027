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
  const chunk = Buffer.alloc(64 * 1024, 'x')
  while (logged < MIB) {
    const read = once(stream, 'data')
    stream.write(chunk)
    await read
  }
  assert.equal(stream.isPaused(), false)
  const kept = logged
  // From here on there is a pause after each.
  for (let i = 0; i < 3; i++) {
    const read = once(stream, 'data')
    stream.write(`the end ${i}`)
    await read
    assert.equal(stream.isPaused(), true)
    // The timer that ends it keeps no program alive.
    const alive = setTimeout(() => {}, 10_000)
    await once(stream, 'resume')
    clearTimeout(alive)
  }
  assert.equal(logged, kept)
  assert.match(output.tail, /the end 2$/)
})
