import { MAX_DEPTH } from '../../../src/marshal.js'
import {
  type Event,
  Op,
  PROTOCOL_VERSION,
  type Reply,
  type Request,
} from '../../../src/wire/protocol.js'
import { createValueCodec } from '../../../src/wire/values/codec.js'
import { loadMsgpack } from '../../../src/wire/values/msgpack.js'
import { Encoded } from '../../../src/wire/values/simple.js'
import type { Random } from '../../chaos/random.js'
import { choose } from './mutate.js'

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

const values: readonly unknown[] = [
  ...[undefined, null, true, 0, -0, 127, -33, 300, 70_000, -40_000, 0.5, Number.NaN, 2 ** 40],
  ...[1n, -(2n ** 63n), 2n ** 64n, -(2n ** 200n)],
  ...['', 'text', 'x'.repeat(40), 'x'.repeat(300), 'é€🙂', 'lone \ud800', '\ufeff'],
  [1, [2, [3, [4]]], 'five'],
  { a: 1, b: 'two', c: { d: [true, null] } },
  JSON.parse('{"__proto__": 1, "then": 2, "constructor": 3}'),
  Array.from({ length: 20 }, (_, id) => ({ id, name: `name ${id}`, tags: ['a', 'b'] })),
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key ${i}`, i])),
  new Map<unknown, unknown>([
    ['a', 1],
    [{ b: 2 }, new Map([[1n, new Set([1])]])],
  ]),
  new Set([1, 'two', [3]]),
  new Date(0),
  new Date(Number.NaN),
  /a(?<b>c)+/giu,
  Reflect.construct(RegExp, ['[\\p{L}--[a-z]]', 'v']),
  new Uint8Array([1, 2, 3]),
  new Uint8Array(300).buffer,
  new Float64Array([1, 2]),
  new BigInt64Array([1n]),
  new TypeError('message', { cause: { code: 1 } }),
  Object.assign(new Error('message'), { code: 'E', nested: [new RangeError('inner')] }),
  new AggregateError([new Error('one'), 2], 'many'),
  { thrown: [1] },
  { properties: { status: 402 }, cause: [new Error('cause')] },
]

/** Values as a worker would encode them. */
export const encodedValues: readonly Buffer[] = values.map((value) =>
  Buffer.from(codec.encode(value, 'value')),
)

const timeout = 100
export const requests: readonly Request[] = [
  { op: Op.init, timeout, sources: [], cache: false },
  { op: Op.create, timeout, sources: [], functions: [] },
  { op: Op.reset, timeout },
  { op: Op.destroy },
  { op: Op.evaluate, timeout, source: '', filename: '', discard: false },
  { op: Op.evaluate, timeout, source: '', filename: '', discard: false },
  { op: Op.call, timeout, path: 'f', args: new Uint8Array([0x90]), apart: false },
  { op: Op.inventory },
  { op: Op.wake, timeout },
]

/** A message that can be a worker's; `value` is what it carries. */
export function message(random: Random, value: Buffer): Reply | Event {
  const on = random.next() < 0.5
  const text = choose(random, ['', 'text', 'lone \ud800', 'x'.repeat(2000)])
  const extra = on && value.length > 0 ? value : undefined
  const kinds: readonly (Reply | Event)[] = [
    { op: Op.ok, value: new Encoded(value) },
    { op: Op.ok, value: new Encoded(value) },
    { op: Op.ok, value: new Encoded(value) },
    { op: Op.error, name: text, message: 'message', stack: text, extra },
    { op: Op.error, name: 'Error', message: text, stack: '', extra },
    { op: Op.timeout, started: on },
    { op: Op.invalid, known: on },
    { op: Op.unserializable, path: text, why: 'why' },
    { op: Op.oversize, size: random.below(2 ** 31) },
    { op: Op.memory, rss: random.below(2 ** 31) },
    { op: Op.hello, version: PROTOCOL_VERSION, pid: 1 },
    { op: Op.suspended },
    { op: Op.suspended },
    { op: Op.begun },
    { op: Op.evicted, rss: 1 },
    { op: Op.pressure, on, rss: 1 },
    { op: Op.aside, timeout: on ? 10 : 0 },
    { op: Op.hostCall, id: 1, fn: 0, args: value },
    { op: Op.timer, delay: random.below(2 ** 31) },
    { op: Op.console, lines: [{ level: random.below(9), text: value }] },
  ]
  return choose(random, kinds)
}
