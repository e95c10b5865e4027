import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type VmContext, VmError } from 'vmring'
import { serviceForAll } from '../support/service.js'
import { pidOf } from '../support/slots.js'
import type { EscapeCase } from './case.js'
import { allCases, classes } from './cases/index.js'
import { equipped, takeWrong } from './equipped.js'
import { probeSource } from './probe.js'

/**
 * Scripts that got out of other sandboxes. Each runs in a context of its own, all in one process, with
 * every way to the host that there is: none may find anything of the worker's realm, none may be noticed
 * by a neighbour, and nothing but plain data may arrive at the host.
 */

const theService = serviceForAll({
  ...equipped,
  init: [{ source: probeSource, filename: 'probe.js' }],
})
let neighbour: VmContext | undefined

const hostIntrinsics = [Object, Array, Function, Promise, Error].map(({ prototype }) => ({
  prototype,
  keys: Reflect.ownKeys(prototype).length,
}))

/** What nothing can travel as, so that the bridge decodes inside the context. */
const callArguments = [{ a: [1] }, [new Map([[1, {}]])], new Date(0), new Uint8Array(3)]
/** What is passed on as it is. */
const simpleArguments = ['text', 7, 7n, null, new Uint8Array(3)]

async function endOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'value'
  } catch (error) {
    assert.ok(error instanceof VmError, String(error))
    if (error.code === 'ERR_VM_SCRIPT') return 'thrown'
    return error.code === 'ERR_VM_SERIALIZATION' ? 'unserializable' : error.code
  }
}

async function contains({ script, call, ends = 'value' }: EscapeCase): Promise<void> {
  const service = await theService()
  const context = await service.createContext()
  // Another one if a case before has cost the process: it has failed for that.
  if (!neighbour || neighbour.signal.aborted) neighbour = await service.createContext()
  const pid = pidOf(service)
  const end = await endOf(context.eval(script))
  if (ends !== 'any') assert.equal(end, ends)
  else assert.match(end, /^[a-z]+$/)
  // By the same path twice: what the first leaves behind, the second may find.
  for (const args of [callArguments, simpleArguments, callArguments, simpleArguments]) {
    if (call) await endOf(context.call(call, args))
  }
  assert.equal(await context.eval('probe.report()'), '')
  assert.equal(await neighbour.eval('probe.report() + probe.intact()'), '')
  await context.destroy()
  assert.equal(pidOf(service), pid)
  assert.equal(takeWrong(), '')
  for (const { prototype, keys } of hostIntrinsics) {
    assert.equal(Reflect.ownKeys(prototype).length, keys)
  }
}

for (const [name, cases] of Object.entries(classes)) {
  suite(name, () => {
    for (const each of cases) {
      test(`${each.name} (${each.advisory})`, () => contains(each))
    }
  })
}

test('no two cases have the same name, and each names where it comes from', () => {
  assert.ok(allCases.length >= 290)
  assert.equal(new Set(allCases.map(({ name }) => name)).size, allCases.length)
  for (const { name, advisory } of allCases) assert.ok(advisory.length > 10, name)
})
