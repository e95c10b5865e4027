import type { Random } from '../../chaos/random.js'

/** Bytes that mean something to frames or to MessagePack. */
const TELLING = [
  ...[0, 1, 2, 5, 9, 0x20, 0x5c, 0x75, 0x76, 0x7f, 0x80, 0x8f, 0x90, 0x92, 0x97, 0x9f, 0xa0, 0xbf],
  ...[0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf, 0xd3, 0xd4, 0xd5, 0xd6, 0xd8, 0xd9],
  ...[0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff],
]
const LENGTHS = [0, 1, 8, 9, 10, 0xff, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0001, 0xffff_ffff]

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer

const mutations: readonly Mutation[] = [
  (bytes, random) => {
    const at = random.below(bytes.length)
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at)
    return bytes
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = choose(random, TELLING)
    return bytes
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.below(256)
    return bytes
  },
  (bytes, random) => {
    if (bytes.length >= 4)
      bytes.writeUInt32BE(choose(random, LENGTHS), random.below(bytes.length - 3))
    return bytes
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    const added = Buffer.from([choose(random, TELLING), random.below(256)])
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)])
  },
  (bytes, random) => {
    const at = random.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4))])
  },
  // A part of itself again, which nests and repeats.
  (bytes, random) => {
    const [from, to] = range(bytes, random)
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)])
  },
  // A part of another in place of the rest.
  (bytes, random, other) => {
    const [from] = range(other, random)
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(from)])
  },
  (_, random) => Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256))),
  // The same byte over and over: nesting without end.
  (bytes, random) => {
    const run = Buffer.alloc(random.below(2000), choose(random, TELLING))
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length)), run])
  },
]

export function choose<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T
}

/** A changed copy. */
export function mutate(bytes: Buffer, random: Random, other: Buffer): Buffer {
  let mutated = Buffer.from(bytes)
  for (let times = 1 + random.below(3); times > 0 && mutated.length > 0; times--) {
    mutated = choose(random, mutations)(mutated, random, other) as Buffer<ArrayBuffer>
  }
  return mutated
}

function range(bytes: Buffer, random: Random): [number, number] {
  const [a, b] = [random.below(bytes.length + 1), random.below(bytes.length + 1)]
  return a < b ? [a, b] : [b, a]
}
