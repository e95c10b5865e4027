import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { type ConsoleLine, VmTimeoutError } from 'vmring'
import { rejection } from '../support/outcomes.js'
import { withContext, withService } from '../support/service.js'

describe("a script's console", () => {
  it('goes to a function, with its context, ahead of the result', async () => {
    const lines: ConsoleLine[] = []
    const console = (line: ConsoleLine): void => void lines.push(line)
    await withService({ console }, async (service) => {
      const context = await service.createContext({ key: 'tenant' })
      const source = `console.log('%s is %d', 'six', 6, { a: [1, 'b'] }); console.warn(new Map([[1, 2]]))
        console.error(new TypeError('mine').message); console.debug(undefined); 7`
      assert.equal(await context.eval(source), 7)
      assert.deepEqual(
        lines.map(({ level, text }) => [level, text]),
        [
          ['info', "six is 6 { a: [ 1, 'b' ] }"],
          ['warn', 'Map(1) { 1 => 2 }'],
          ['error', 'mine'],
          ['debug', 'undefined'],
        ],
      )
      for (const line of lines) assert.deepEqual([line.contextId, line.key], [context.id, 'tenant'])
    })
  })

  it('goes to the logger', async () => {
    const logged: Record<string, unknown>[] = []
    const logger = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line)) })
    await withContext(
      async (context) => {
        await context.eval("console.info('hello'); console.debug('not at this level')")
        const found = logged.filter(({ msg }) => msg === 'console')
        assert.deepEqual(
          found.map(({ contextId, key, text }) => [contextId, key, text]),
          [[context.id, context.id, 'hello']],
        )
      },
      { console: 'log', logger },
    )
  })

  it('says what a script printed before it was cut short', async () => {
    const lines: string[] = []
    await withContext(
      async (context) => {
        const loop = context.eval("console.log('before'); for (;;);", { timeout: 50 })
        await rejection(loop, VmTimeoutError)
        await context.eval('1')
        assert.deepEqual(lines, ['before'])
      },
      { console: ({ text }) => void lines.push(text) },
    )
  })

  it('says what a timer threw', async () => {
    const lines: ConsoleLine[] = []
    await withContext(
      async (context) => {
        await context.eval(`new Promise((resolve) => {
          setTimeout(() => { throw new RangeError('lost') }, 1)
          setTimeout(async () => { throw new TypeError('lost later') }, 2); setTimeout(resolve, 3) })`)
        assert.deepEqual(
          lines.map(({ level }) => level),
          ['error', 'error'],
        )
        assert.match(lines[0]?.text ?? '', /^Uncaught RangeError: lost/)
        assert.match(lines[1]?.text ?? '', /^Uncaught TypeError: lost later/)
      },
      { console: (line) => void lines.push(line) },
    )
  })

  it('loses what is too much, and says so', async () => {
    const lines: string[] = []
    await withContext(
      async (context) => {
        await context.eval('for (let i = 0; i < 100_000; i++) console.log(i)')
        await context.eval("console.log('x'.repeat(1e6))")
        assert.equal(lines.length, 102)
        assert.equal(lines[99], '99')
        assert.match(lines[100] ?? '', /99900 more lines/)
        assert.ok((lines[101] ?? '').length <= 8192)
        // In many turns it is the service that bounds it.
        await context.eval('function print() { for (let i = 0; i < 100; i++) console.log(i) }')
        for (let i = 0; i < 50; i++) await context.call('print')
        assert.ok(lines.length < 2000, `${lines.length} lines`)
        const before = lines.length
        while (lines.length === before) {
          await context.eval("console.log('again')")
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
        assert.match(lines[before] ?? '', /^… \d+ lines were dropped$/)
        assert.equal(lines[before + 1], 'again')
      },
      { console: ({ text }) => void lines.push(text) },
    )
  })

  for (const [how, console] of [
    [
      'throws',
      () => {
        throw new Error('full')
      },
    ],
    ['is rejected', () => Promise.reject(new Error('full'))],
  ] as const) {
    it(`whose function ${how} costs nobody anything`, async () => {
      const logged: string[] = []
      const logger = pino({ level: 'error' }, { write: (line) => void logged.push(line) })
      await withContext(
        async (context) => {
          assert.equal(await context.eval("console.log('x'); 1"), 1)
          assert.match(logged.join(''), /the console function threw/)
        },
        { logger, console },
      )
    })
  }

  it('goes nowhere unless somebody wants it', () =>
    withContext(async (context) => {
      assert.equal(await context.eval("console.log('x', { get a() { throw 1 } })"), undefined)
    }))
})
