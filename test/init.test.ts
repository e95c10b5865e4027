import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { VmScriptError } from 'vmring'
import { rejectsWith } from './support/rejects.js'
import { withAnyService, withService } from './support/service.js'

async function withFile(text: string, fn: (file: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'vmring-init-'))
  const file = join(directory, 'start-up.js')
  writeFileSync(file, text)
  try {
    await fn(file)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('start-up sources and files run in order, in every context and again at each reset', () =>
  withFile("order.push('file')", (file) =>
    withService(
      { init: [{ source: "var order = ['first']" }, { file }, { source: "order.push('last')" }] },
      async (service) => {
        const expected = ['first', 'file', 'last']
        const context = await service.createContext()
        assert.deepEqual(await context.eval('order'), expected)
        await context.eval("order.push('script')")
        await context.reset()
        assert.deepEqual(await context.eval('order'), expected)
        const other = await service.createContext()
        assert.deepEqual(await other.eval('order'), expected)
      },
    ),
  ))

test("a context's own sources run after the service's, and again at each reset", () =>
  withFile("order.push('own file')", (file) =>
    withService({ init: [{ source: "var order = ['service']" }] }, async (service) => {
      const init = [{ source: "order.push('own')" }, { file }]
      const context = await service.createContext({ init })
      const expected = ['service', 'own', 'own file']
      assert.deepEqual(await context.eval('order'), expected)
      await context.reset()
      assert.deepEqual(await context.eval('order'), expected)
      const plain = await service.createContext()
      assert.deepEqual(await plain.eval('order'), ['service'])
    }),
  ))

test('a file is read when the context is created, not at its resets', () =>
  withFile('var version = 1', (file) =>
    withAnyService(async (service) => {
      await using context = await service.createContext({ init: [{ file }] })
      writeFileSync(file, 'var version = 2')
      await context.reset()
      assert.equal(await context.eval('version'), 1)
      await using later = await service.createContext({ init: [{ file }] })
      assert.equal(await later.eval('version'), 2)
    }),
  ))

test('a source of a context that throws leaves no context', () =>
  withAnyService(async (service) => {
    const init = [{ source: '1' }, { source: "throw new RangeError('no')", filename: 'own.js' }]
    const error = await rejectsWith(service.createContext({ id: 'a', init }), VmScriptError, {
      message: 'RangeError: no',
    })
    assert.match(error.scriptStack ?? '', /own\.js:1/)
    assert.equal(service.stats().contexts, 0)
    await service.createContext({ id: 'a' })
  }))

test('a reset whose sources throw leaves the old global scope', () =>
  withAnyService(async (service) => {
    // Contexts share nothing that could count resets: chance decides which of them throws.
    const init = [{ source: "if (Math.random() < 0.5) throw new Error('unlucky')" }]
    const unlucky = { message: 'Error: unlucky' }
    const create = () => service.createContext({ init }).catch(() => undefined)
    let context = await create()
    while (!context) context = await create()
    for (let failed = false; !failed; ) {
      await context.eval('var mark = 1')
      const reset: Promise<void> = context.reset()
      failed = await reset.then(
        () => false,
        () => true,
      )
      if (failed) await rejectsWith(reset, VmScriptError, unlucky)
      assert.equal(await context.eval('typeof mark'), failed ? 'number' : 'undefined')
    }
  }))
