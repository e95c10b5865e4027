import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_DEPTH } from '../../src/marshal.js'
import { createValueCodec } from '../../src/wire/values/codec.js'
import { TAGS } from '../../src/wire/values/format.js'
import { loadMsgpack } from '../../src/wire/values/msgpack.js'
import { ValueScan } from '../../src/wire/values/scan.js'
import { ScanError } from '../../src/wire/values/token-reader.js'
import { travellingValue } from '../support/arbitraries.js'
import { bytes, long, str, tagged } from '../support/bytes.js'

const MAX_WEIGHT = 20 * 1024 * 1024
const scan = new ValueScan({ maxDepth: MAX_DEPTH, maxWeight: MAX_WEIGHT })
const codec = createValueCodec(
  {
    functions: 'drop',
    stackOf: (stack) => stack,
    maxDepth: MAX_DEPTH,
    maxNodes: 1_000_000,
    problem: ({ path, why }) => new TypeError(`${path}: ${why}`),
  },
  loadMsgpack(),
)

function refused(given: Uint8Array, message?: RegExp): void {
  assert.throws(
    () => scan.check(given),
    (error) => {
      assert.ok(error instanceof ScanError, String(error))
      if (message) assert.match(error.message, message)
      return true
    },
    Buffer.from(given.subarray(0, 40)).toString('hex'),
  )
}

test('whatever the codec writes passes, and none of it with a byte more or less', () => {
  fc.assert(
    fc.property(travellingValue, fc.nat(), (value, at) => {
      const encoded = Buffer.from(codec.encode(value, 'value'))
      scan.check(encoded)
      refused(encoded.subarray(0, at % encoded.length))
      refused(bytes(encoded, 0xc0))
    }),
    { numRuns: 200 },
  )
})

const sizes = [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]

test('lengths of every size pass', () => {
  const makers: ((size: number) => unknown)[] = [
    (size) => 'x'.repeat(size),
    (size) => new Uint8Array(size),
    (size) => new Array(size).fill(1),
    (size) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i])),
    (size) => new Set(Array.from({ length: size }, (_, i) => i)),
    (size) => 'a\ud800'.repeat(size),
    (size) => 1n << BigInt(size * 4),
  ]
  for (const make of makers) for (const size of sizes) scan.check(codec.encode(make(size), 'value'))
})

const deep: Record<string, (inner: unknown) => unknown> = {
  array: (inner) => [inner],
  object: (inner) => ({ inner }),
  entries: (inner) => ({ '\ud800': inner }),
  map: (inner) => new Map([['inner', inner]]),
  key: (inner) => new Map([[inner, 1]]),
  set: (inner) => new Set([inner]),
  cause: (inner) => new Error('outer', { cause: inner }),
  property: (inner) => Object.assign(new Error('outer'), { inner }),
  errors: (inner) => new AggregateError([inner]),
}

test('as many levels pass as the codec writes, of any kind, and not one more', () => {
  for (const [kind, level] of Object.entries(deep)) {
    let value: unknown = 1
    for (let depth = 1; depth <= MAX_DEPTH + 1; depth++) {
      value = level(value)
      if (depth < MAX_DEPTH - 1) continue
      // An error's list of others is a level of its own.
      const refusing = kind === 'errors' ? depth > MAX_DEPTH / 2 : depth > MAX_DEPTH
      let encoded: Uint8Array | undefined
      try {
        encoded = codec.encode(value, 'value')
      } catch (error) {
        assert.ok(error instanceof TypeError && refusing, `${kind} ${depth}: ${error}`)
      }
      if (encoded) scan.check(encoded)
      assert.equal(encoded === undefined, refusing, `${kind} ${depth}`)
    }
  }
  scan.check(bytes(Buffer.alloc(MAX_DEPTH, 0x91), 0xc0))
  refused(bytes(Buffer.alloc(MAX_DEPTH + 1, 0x91), 0xc0), /at most 250 levels/)
  refused(Buffer.alloc(1024 * 1024, 0x91), /levels/)
  refused(Buffer.alloc(1024 * 1024, bytes('81', str('a'))), /levels/)
  refused(Buffer.alloc(1024 * 1024, bytes('d40100 92 05 92 c0')), /levels/)
})

test('what msgpackr takes, but the codec never writes', () => {
  const strange: Record<string, Uint8Array> = {
    nothing: bytes(),
    'the byte that is never used': bytes('c1'),
    'a 32-bit float': bytes('ca 3f800000'),
    'an unsigned 64-bit integer': bytes('cf 0000000000000001'),
    'the definition of a record': bytes('d472 40 91', str('a'), '01'),
    'the same with two bytes': bytes('d572 4000 91', str('a'), '01'),
    'an identified value': bytes('d669 00000001 90'),
    'a reference': bytes('d670 00000001'),
    'bundled strings': bytes('d662 00000004', str('a')),
    'bundled strings that lead back': bytes('d662 fffffff0', str('a')),
    'a timestamp': bytes('d6ff 00000001'),
    'a long timestamp': bytes('c70cff', Buffer.alloc(12)),
    'an invalid timestamp': bytes('d4ffff'),
    'a set of msgpackr': bytes('d47300 90'),
    'an error of msgpackr': bytes('d46500 93', str('Error'), str('m'), 'c0'),
    'a regular expression of msgpackr': bytes('d47800 92', str('a'), str('g')),
    'a typed array of msgpackr': bytes('c702 74 0101'),
    'a large integer of msgpackr': bytes('c709 42', Buffer.alloc(9, 1)),
    'the extension of vmring as a blob': bytes('c701 01 c0'),
    'an undefined with something in it': bytes('d40001'),
    'a tagged value with something in it': bytes('d40101 920000'),
    'a map with a number as key': bytes('81 01 01'),
    'a map with a list as key': bytes('81 90 01'),
    'a map with an undefined key': bytes('81 d40000 01'),
  }
  for (const [what, given] of Object.entries(strange)) {
    refused(given, /expected/)
    refused(bytes('92 01', given), /expected/)
    assert.ok(what)
  }
})

test('lengths that lie', () => {
  for (const token of ['c6', 'db', 'dd', 'df', 'd4010092 05 dd', 'd4010092 07 c6']) {
    for (const length of ['ffffffff', '7fffffff', '00000002']) {
      refused(bytes(token, length, '01'), /expected a(n even)? length/)
    }
    refused(bytes(token, 'ffffff'), /a length up to 3/)
  }
  for (const given of ['d9', 'd902 61', 'dc00', 'dc0002 01', 'de0001 a161', 'a2 61', '92 01']) {
    refused(bytes(given))
  }
})

test('tagged values of another shape', () => {
  const error = (...parts: readonly (string | Uint8Array)[]) => tagged(TAGS.error, '97', ...parts)
  const text = str('text')
  const wrong = [
    tagged(11, 'c0'),
    tagged(255, 'c0'),
    bytes('d40100 c0'),
    bytes('d40100 9100'),
    bytes('d40100 93 00 00 00'),
    bytes('d40100 92 cc00 00'),
    tagged(TAGS.negativeZero, '01'),
    tagged(TAGS.utf16, text),
    tagged(TAGS.utf16, 'c403 616263'),
    tagged(TAGS.entries, '80'),
    tagged(TAGS.entries, '91', text),
    tagged(TAGS.entries, '92 01 01'),
    tagged(TAGS.entries, '92', tagged(TAGS.date, '00'), '01'),
    tagged(TAGS.date, text),
    tagged(TAGS.date, 'c0'),
    tagged(TAGS.date, '80'),
    tagged(TAGS.date, 'd3 0000000000000001'),
    tagged(TAGS.regexp, text),
    tagged(TAGS.regexp, '91', text),
    tagged(TAGS.regexp, '92', text, '01'),
    tagged(TAGS.regexp, '92', tagged(TAGS.regexp, '92', text, 'a0'), 'a0'),
    tagged(TAGS.map, '91 01'),
    tagged(TAGS.map, '80'),
    tagged(TAGS.set, text),
    tagged(TAGS.buffer, text),
    tagged(TAGS.buffer, tagged(TAGS.view, '92', str('Int8Array'), 'c400')),
    tagged(TAGS.view, 'c400'),
    tagged(TAGS.view, '92 01 c400'),
    tagged(TAGS.view, '92', text, '90'),
    error('08', text, text, 'c0 80 c0 c0'),
    error('ff', text, text, 'c0 80 c0 c0'),
    error(text, text, text, 'c0 80 c0 c0'),
    error('00', 'c0', text, 'c0 80 c0 c0'),
    error('00', text, '90', 'c0 80 c0 c0'),
    error('00', text, text, '01 80 c0 c0'),
    error('00', text, text, 'c0 c0 c0 c0'),
    error('00', text, text, 'c0', tagged(TAGS.map, '90'), 'c0 c0'),
    error('00', text, text, 'c0 80 01 c0'),
    error('00', text, text, 'c0 80 92 01 01 c0'),
    error('00', text, text, 'c0 80 c0 90'),
    tagged(TAGS.error, '90'),
    tagged(TAGS.bigint, '01'),
    tagged(TAGS.bigint, 'a0'),
    tagged(TAGS.bigint, str('-')),
    tagged(TAGS.bigint, str('ff ')),
    tagged(TAGS.bigint, str('0x1')),
    tagged(TAGS.bigint, str('--1')),
    tagged(TAGS.bigint, str('FF')),
    tagged(TAGS.bigint, str('1n')),
  ]
  for (const given of wrong) refused(given, /expected/)
})

test('a refusal says where, and what was expected', () => {
  refused(bytes('92 01 c1'), /^byte 2: expected a value, got 0xc1$/)
  refused(bytes('92 01'), /^byte 1: expected a length up to 1, got 2$/)
  refused(bytes('01 c0'), /^byte 1: expected the end, got 0xc0$/)
  refused(bytes(), /^byte 0: expected a length up to 0, got 1$/)
  refused(tagged(TAGS.bigint, str('ag')), /^byte 7: expected a hexadecimal digit, got 0x67$/)
})

test('what takes long to rebuild is bounded, whatever its bytes', () => {
  const many = (size: number, unit: Uint8Array): Buffer =>
    bytes(
      'dd',
      Buffer.from(new Uint32Array([Math.floor(size / unit.length)]).buffer).swap32(),
      Buffer.alloc(Math.floor(size / unit.length) * unit.length, unit),
    )
  const mebibytes = 5 * 1024 * 1024
  const error = tagged(TAGS.error, '97 00 a0 a0 a0 80 c0 c0')
  for (const unit of [bytes('80'), bytes('90'), bytes('c400'), error]) {
    refused(many(mebibytes, unit), /more than may be rebuilt/)
  }
  const regexp = (source: string, flags: string) =>
    tagged(TAGS.regexp, '92', long(0xdb, Buffer.from(source)), str(flags))
  refused(regexp('\\p{RGI_Emoji}'.repeat(200), 'v'), /more than/)
  refused(regexp('\\p{RGI_Emoji}'.repeat(200), 'gv'), /more than/)
  for (const flags of ['iu', 'iv', 'giu'])
    refused(regexp(`[${'\\W'.repeat(2500)}]`, flags), /more than/)
  refused(regexp('\\P{L}'.repeat(3000), 'u'), /more than/)
  refused(regexp('a'.repeat(20_000), 'v'), /more than/)
  refused(bytes('92', regexp('\\p{L}'.repeat(1500), 'u'), regexp('\\p{L}'.repeat(1500), 'u')))
  const wide = Buffer.from(`${'\\p{L}'.repeat(3000)}`, 'utf16le')
  refused(tagged(TAGS.regexp, '92', tagged(TAGS.utf16, long(0xc6, wide)), str('u')), /more than/)
  // The flag is looked for where the flags are, however their length is written.
  refused(
    tagged(
      TAGS.regexp,
      '92',
      long(0xdb, Buffer.from('\\p{L}'.repeat(3000))),
      'd901',
      Buffer.from('u'),
    ),
  )

  scan.check(many(mebibytes, bytes('01')))
  scan.check(
    many(
      mebibytes,
      bytes(
        '85',
        str('id'),
        'cd1000',
        str('name'),
        str('somebody'),
        str('email'),
        str('somebody@example.org'),
        str('active'),
        'c3',
        str('tags'),
        '92',
        str('a'),
        str('b'),
      ),
    ),
  )
  scan.check(regexp('\\p{L}+\\s\\p{Lu}'.repeat(20), 'u'))
  scan.check(regexp('[\\p{L}--[a-z]]', 'v'))
})
