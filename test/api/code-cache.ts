import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodeCache } from '../../src/code-cache.js'
import { Op, type Source } from '../../src/wire/protocol.js'
import { Compiler } from '../../src/worker/realm/compiler.js'
import { withService } from '../support/service.js'
import { next, pidOf } from '../support/slots.js'

const LONG = `globalThis.value = ${JSON.stringify('x'.repeat(10_000))}.length`

function sourcesOf(cache: CodeCache): { asks: boolean; sources: readonly Source[] } {
  const request = cache.request(100)
  assert.equal(request.op, Op.init)
  return { asks: request.cache, sources: request.sources }
}

test('the first process that answers is asked what it compiled, later ones are told', () => {
  const cache = new CodeCache([{ source: LONG, filename: 'a.js' }], 1_000_000)
  assert.equal(sourcesOf(cache).asks, true)
  const code = new Uint8Array([1, 2, 3])
  cache.learn([code])
  const { asks, sources } = sourcesOf(cache)
  assert.equal(asks, false)
  assert.deepEqual(sources, [{ source: LONG, filename: 'a.js', code }])
  cache.learn([new Uint8Array([6])])
  assert.equal(sourcesOf(cache).sources[0]?.code, code)
})

test('nobody is asked about little, and what is no answer teaches nothing', () => {
  assert.equal(sourcesOf(new CodeCache([{ source: '1', filename: 'a.js' }], 1000)).asks, false)
  const cache = new CodeCache([{ source: LONG, filename: 'a.js' }], 1000)
  for (const answer of [undefined, [], [1], [new Uint8Array(1), new Uint8Array(1)], 'code']) {
    cache.learn(answer)
    assert.equal(sourcesOf(cache).asks, true)
  }
  cache.learn([new Uint8Array(1001)])
  assert.equal(sourcesOf(cache).sources[0]?.code, undefined)
})

test('V8 takes what it made, and compiles itself what is not of that source', () => {
  const code = new Compiler().compile(LONG, 'a.js').createCachedData()
  assert.equal(new Compiler().compile(LONG, 'a.js', code).cachedDataRejected, false)
  const other = new Compiler().compile(`${LONG} + 1`, 'a.js', code)
  assert.equal(other.cachedDataRejected, true)
  assert.equal(other.runInThisContext(), 10_001)
})

test('every process of a service runs long start-up sources', () =>
  withService({ init: [{ source: LONG }, { source: 'value++' }] }, async (service) => {
    for (let round = 0; round < 2; round++) {
      const context = await service.createContext()
      assert.equal(await context.eval('value'), 10_001)
      const started = next(service, 'processStart')
      process.kill(pidOf(service), 'SIGKILL')
      await started
    }
  }))
