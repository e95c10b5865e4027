import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  VmContext,
  VmContextExistsError,
  VmInvalidContextError,
  VmOptionError,
  VmScriptError,
  VmTimeoutError,
} from 'vmring'
import { rejectsWith, throwsWith } from '../support/rejects.js'
import { withAnyService, withContext, withService } from '../support/service.js'

test('the same by ID as by handle', () =>
  withAnyService(async (service) => {
    const { id } = await service.createContext()
    await service.eval(id, 'function sum(a, b) { return a + b }')
    assert.equal(await service.call(id, 'sum', [1, 1]), 2)
    const handle = service.context(id)
    assert.ok(handle instanceof VmContext)
    assert.equal(handle.id, id)
    assert.equal(await handle.call('sum', [2, 2]), 4)
    await service.resetContext(id)
    assert.equal(await handle.eval('typeof sum'), 'undefined')
    await handle.destroy()
    throwsWith(() => service.context(id), VmInvalidContextError, { reason: 'destroyed' })
  }))

test('an ID that is alive can not be created again', () =>
  withAnyService(async (service) => {
    const creation = service.createContext({ id: 'alive' })
    // One that is still being created is as good as alive.
    await rejectsWith(service.createContext({ id: 'alive' }), VmContextExistsError, {
      contextId: 'alive',
    })
    const context = await creation
    await rejectsWith(service.createContext({ id: 'alive' }), VmContextExistsError)
    assert.equal(context.id, 'alive')
    await context.destroy()
    await service.createContext({ id: 'alive' })
  }))

test('concurrent callers of ensureContext share one creation', () =>
  withAnyService(async (service) => {
    const { contexts } = service.stats()
    const init = [{ source: 'var born = Math.random()' }]
    const handles = await Promise.all(
      Array.from({ length: 20 }, () => service.ensureContext({ id: 'shared by all', init })),
    )
    const births = await Promise.all(handles.map((handle) => handle.eval('born')))
    assert.equal(new Set(births).size, 1)
    assert.equal(service.stats().contexts, contexts + 1)
    const later = await service.ensureContext({ id: 'shared by all', init })
    assert.equal(await later.eval('born'), births[0])
  }))

test('ensureContext makes a new one when the old one is gone', () =>
  withAnyService(async (service) => {
    const first = await service.ensureContext({ id: 'ensured' })
    await first.eval('var mark = 1')
    await first.destroy()
    const second = await service.ensureContext({ id: 'ensured' })
    assert.equal(await second.eval('typeof mark'), 'undefined')
    // The old handle belongs to the context that is gone, not to the new one.
    await rejectsWith(first.eval('1'), VmInvalidContextError, { reason: 'destroyed' })
  }))

test('callers who shared a creation that failed share its error, and the next one tries again', () =>
  withAnyService(async (service) => {
    const init = [{ source: 'throw new Error("no")' }]
    const calls = Array.from({ length: 3 }, () => service.ensureContext({ id: 'shared', init }))
    const outcomes = await Promise.allSettled(calls)
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected')
      assert.equal((outcome.reason as Error).message, 'Error: no')
    }
    const context = await service.ensureContext({ id: 'shared' })
    assert.equal(await context.eval('1'), 1)
  }))

test('the signal of a context aborts, with the error as its reason, when it is gone', () =>
  withAnyService(async (service) => {
    const context = await service.createContext()
    const { signal } = context
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    assert.equal(signal.aborted, false)
    await context.destroy()
    await aborted
    await rejectsWith(Promise.reject(signal.reason), VmInvalidContextError, {
      contextId: context.id,
      reason: 'destroyed',
    })
    // One that nobody asked for before is aborted just the same.
    const other = await service.createContext()
    await other.destroy()
    assert.equal(other.signal.aborted, true)
  }))

test('a context is disposed of once, and disposing of one that is gone is no error', () =>
  withAnyService(async (service) => {
    let id: string
    {
      await using context = await service.createContext()
      id = context.id
      assert.equal(await context.eval('1'), 1)
    }
    await rejectsWith(service.eval(id, '1'), VmInvalidContextError, { reason: 'destroyed' })
    const gone = await service.createContext()
    await gone.destroy()
    await gone[Symbol.asyncDispose]()
  }))

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

test("a service's start-up sources and files run in order, then a context's own, also at each reset", () =>
  withFile("order.push('file')", (file) =>
    withFile("order.push('own file')", (ownFile) =>
      withService(
        { init: [{ source: "var order = ['first']" }, { file }, { source: "order.push('last')" }] },
        async (service) => {
          const expected = ['first', 'file', 'last']
          const own = [{ source: "order.push('own')" }, { file: ownFile }]
          for (const [init, order] of [
            [[], expected],
            [own, [...expected, 'own', 'own file']],
            // What others brought along is theirs alone.
            [[], expected],
          ] as const) {
            const context = await service.createContext({ init })
            assert.deepEqual(await context.eval('order'), order)
            await context.eval("order.push('script')")
            await context.reset()
            assert.deepEqual(await context.eval('order'), order)
          }
        },
      ),
    ),
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
    const { contexts } = service.stats()
    const init = [{ source: '1' }, { source: "throw new RangeError('no')", filename: 'own.js' }]
    const error = await rejectsWith(service.createContext({ id: 'a', init }), VmScriptError, {
      message: 'RangeError: no',
    })
    assert.match(error.scriptStack ?? '', /own\.js:1/)
    assert.equal(service.stats().contexts, contexts)
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

test("a context's own source that loops for ever is a timeout like any other", () =>
  withAnyService(async (service) => {
    const { contexts } = service.stats()
    const init = [{ source: 'while (true) {}' }]
    await rejectsWith(
      service.createContext({ id: 'looping', init, timeout: 100 }),
      VmTimeoutError,
      {
        timeout: 100,
        phase: 'run',
      },
    )
    assert.equal(service.stats().contexts, contexts)
    // The ID is free again.
    await using context = await service.createContext({ id: 'looping' })
    assert.equal(await context.eval('1'), 1)
  }))

test("a context's own file that does not exist", () =>
  withAnyService(async (service) => {
    const { contexts } = service.stats()
    const init = [{ source: 'var good = 1' }, { file: 'does/not/exist.js' }]
    await rejectsWith(service.createContext({ init }), VmOptionError, {
      option: 'options.init[1].file',
    })
    assert.equal(service.stats().contexts, contexts)
  }))

test('a console that is there and does nothing', () =>
  withAnyService(async (service) => {
    await using context = await service.createContext()
    const methods = await context.eval('Object.keys(console)')
    assert.ok(Array.isArray(methods))
    for (const name of ['log', 'warn', 'error', 'assert', 'table', 'time', 'groupEnd']) {
      assert.ok(methods.includes(name), name)
    }
    const results = await context.eval('Object.values(console).map((method) => method("x", {}))')
    assert.deepEqual(results, Array(methods.length).fill(undefined))
    // Both would hand out consoles and tasks that are V8's own.
    assert.equal(await context.eval('console.context ?? console.createTask'), undefined)
  }))

test('registered symbols are the context`s own, and behave as such', () =>
  withContext(async (context) => {
    const source = `[
      Symbol.for('a') === Symbol.for('a'), Symbol.for('a') === Symbol.for('b'),
      Symbol.for(1) === Symbol.for('1'), Symbol.for('a').description, Symbol.keyFor(Symbol.for('a')),
      typeof Symbol.keyFor(Symbol('a')), Symbol.for.name, Symbol.for.length, Symbol.keyFor.length,
      ...[() => Symbol.for(Symbol()), () => Symbol.keyFor('a')].map((fn) => {
        try { return fn() } catch (error) { return error instanceof TypeError }
      }),
    ]`
    const expected = [true, false, true, 'a', 'a', 'undefined', 'for', 1, 1, true, true]
    assert.deepEqual(await context.eval(source), expected)
  }))
