import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VmScriptError, VmSerializationError } from 'vmring'
import { ContextRecord } from '../../src/directory.js'
import { Marshal } from '../../src/marshal.js'
import { FieldReader } from '../../src/wire/fields.js'
import { Op } from '../../src/wire/protocol.js'
import { TAGS } from '../../src/wire/values/format.js'
import { readValue } from '../../src/wire/values/read-simple.js'
import { bytes, long, str, tagged } from '../support/bytes.js'
import { throwsWith } from '../support/rejects.js'

// Bytes that no codec wrote, as the marshal gets them from a reply.

const MIB = 1024 * 1024
const marshal = new Marshal(5 * MIB, 512 * MIB)
const record = new ContextRecord({
  id: 'test',
  number: 1,
  slot: undefined as never,
  timeout: 1000,
  idleTimeout: Number.POSITIVE_INFINITY,
  apart: false,
  sources: [],
  functions: [],
  onEnd: undefined,
})

const resultOf = (value: Uint8Array): unknown =>
  marshal.resultOf({ op: Op.ok, value: readValue(FieldReader.of(value)) }, record, 1000)

function refused(value: Uint8Array, message?: RegExp): void {
  const fields = { path: 'result', ...(message && { message }) }
  throwsWith(() => resultOf(value), VmSerializationError, fields)
}

test('what the scan refuses is an error of that call, which says why', () => {
  refused(bytes(), /got 1/)
  refused(bytes('c1'), /no value that may come back \(byte 0: expected a value, got 0xc1\)/)
  refused(bytes('d670 00000001'))
  refused(Buffer.alloc(100_000, 0x91), /levels/)
})

test('what has the shape of a value but is none is an error of that call', () => {
  refused(tagged(TAGS.regexp, '92', str('('), str('')))
  refused(tagged(TAGS.regexp, '92', str('a'), str('gg')))
  refused(tagged(TAGS.regexp, '92', str('a'), str('🙂')))
  refused(tagged(TAGS.view, '92', str('Int16Array'), 'c403 010203'))
  for (const name of ['Uint8Array', 'DataView', 'constructor', '__proto__', 'toString', '']) {
    refused(tagged(TAGS.view, '92', str(name), 'c400'))
  }
  // The codec is not hurt by any of it.
  assert.deepEqual(resultOf(bytes('92 01 02')), [1, 2])
})

test('keys that mean something to objects and promises are inert data', async () => {
  const keys = ['then', 'constructor', 'toJSON', 'valueOf', 'toString', 'hasOwnProperty']
  const entries = keys.map((key) => bytes(str(key), '81', str('polluted'), 'c3'))
  const result = resultOf(bytes(0x80 + keys.length, ...entries)) as object
  assert.deepEqual(Object.keys(result), keys)
  assert.equal(Object.getPrototypeOf(result), Object.prototype)
  // Resolving with it calls no `then`.
  assert.equal(await Promise.resolve(result), result)
  for (const then of ['c3', '01', '90', '80', str('x'), tagged(TAGS.date, '00')]) {
    const thenable = resultOf(bytes('81', str('then'), then))
    assert.equal(await new Promise((resolve) => resolve(thenable)), thenable)
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('no key reaches a prototype, in maps, entries or the properties of errors', () => {
  const evil = bytes('81', str('polluted'), 'c3')
  const map = bytes('81', str('__proto__'), evil)
  const entries = tagged(TAGS.entries, '92', str('__proto__'), evil)
  const error = (properties: Uint8Array) =>
    tagged(TAGS.error, '97 06', str('Error'), str('m'), 'c0', properties, 'c0 c0')
  for (const value of [map, entries, error(map), error(entries)]) {
    const result = resultOf(value) as { polluted?: unknown }
    assert.equal(result.polluted, undefined)
    const prototype = result instanceof Error ? Error.prototype : Object.prototype
    assert.equal(Object.getPrototypeOf(result), prototype)
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('what is decoded shares no memory with the frame it came in', () => {
  const frame = bytes('92 c402 0102', tagged(TAGS.buffer, 'c402 0304'))
  const [view, buffer] = resultOf(frame) as [Uint8Array, ArrayBuffer]
  frame.fill(0xff)
  assert.deepEqual(view, new Uint8Array([1, 2]))
  assert.deepEqual(new Uint8Array(buffer), new Uint8Array([3, 4]))
  assert.equal(view.buffer.byteLength, 2)
})

test('an error keeps its name and message whatever comes beside them', () => {
  const failure = { op: Op.error, name: 'TypeError', message: 'no', stack: 'at x' } as const
  const strange = [
    bytes('c1'),
    bytes('c0'),
    bytes('01'),
    str('properties'),
    bytes('90'),
    tagged(TAGS.map, '92', str('properties'), '80'),
    bytes('83', str('properties'), str('text'), str('thrown'), '01', str('cause'), '90'),
    bytes('83', str('properties'), '91 01', str('thrown'), '80', str('cause'), '92 01 02'),
    bytes('81', str('properties'), tagged(TAGS.error, '97 00 a0 a0 c0 80 c0 c0')),
  ]
  for (const extra of strange) {
    const error = throwsWith(
      () => marshal.resultOf({ ...failure, extra }, record, 1),
      VmScriptError,
    )
    assert.equal(error.message, 'TypeError: no')
    assert.deepEqual(error.properties, {})
    assert.equal(error.thrown, undefined)
    assert.equal(Object.hasOwn(error, 'cause'), false)
  }
  const good = bytes('82', str('properties'), '81', str('status'), '01', str('cause'), '91 02')
  const error = throwsWith(
    () => marshal.resultOf({ ...failure, extra: good }, record, 1),
    VmScriptError,
  )
  assert.deepEqual([error.properties, error.cause], [{ status: 1 }, 2])
})

test('a text of lone surrogates takes no more than a few times its size', () => {
  const units = Buffer.alloc(4 * MIB, Buffer.from([0, 0xd8]))
  const before = process.memoryUsage().heapUsed
  const text = resultOf(tagged(TAGS.utf16, long(0xc6, units))) as string
  assert.ok(process.memoryUsage().heapUsed - before < 40 * MIB)
  assert.equal(text.length, 2 * MIB)
  assert.equal(text.codePointAt(2 * MIB - 1), 0xd800)
})
