import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeldReplies } from '../../src/worker/held-replies.js'

/** Both sides of the memory, and a socket that takes what the test lets it. */
function sides() {
  const socket = { takes: Number.POSITIVE_INFINITY, got: '' }
  const main = new HeldReplies()
  const watchdog = new HeldReplies(main.shared, (bytes, start, size) => {
    if (socket.takes === 0) throw new Error('EAGAIN')
    const written = Math.min(size, socket.takes)
    socket.got += bytes.toString('latin1', start, start + written)
    return written
  })
  main.open(true)
  return { socket, main, watchdog, tell: () => watchdog.write(Buffer.from('begun'), () => true) }
}

test('the watchdog sends what is held, and once which turn that waits for', () => {
  const { socket, main, tell } = sides()
  assert.ok(main.add(Buffer.from('one,')))
  assert.ok(main.add(Buffer.from('two,')))
  assert.equal(tell(), true)
  assert.equal(tell(), true)
  assert.equal(socket.got, 'one,two,begun')
  // The reply of that turn is not held: the service would take the turn for under way still.
  assert.equal(main.add(Buffer.from('three')), false)
  assert.equal(main.take(), undefined)
  assert.ok(main.add(Buffer.from('four')))
  assert.equal(main.take()?.toString(), 'four')
})

test('what the socket does not take at once is sent later, by either side', () => {
  const { socket, main, tell } = sides()
  main.add(Buffer.from('one,'))
  socket.takes = 0
  assert.equal(tell(), false)
  socket.takes = 3
  assert.equal(tell(), false)
  assert.equal(socket.got, 'one')
  assert.equal(main.take()?.toString(), ',begun')
  assert.equal(main.take(), undefined)
})

test('nothing is sent of a turn that was left, nor past what waits to be written', () => {
  const { socket, main, watchdog, tell } = sides()
  main.add(Buffer.from('one'))
  assert.equal(
    watchdog.write(Buffer.from('begun'), () => false),
    true,
  )
  main.open(false)
  assert.equal(tell(), false)
  assert.equal(main.add(Buffer.from('two')), false)
  assert.equal(socket.got, '')
  assert.equal(main.take()?.toString(), 'one')
})

test('however much is held, the watchdog has room for what it adds', () => {
  const { socket, main, tell } = sides()
  let held = ''
  for (let size = 32 * 1024; size > 0; size >>= 1) {
    while (main.add(Buffer.alloc(size, 'x'))) held += 'x'.repeat(size)
  }
  assert.ok(held.length > 32_000)
  assert.equal(tell(), true)
  assert.equal(socket.got, `${held}begun`)
})
