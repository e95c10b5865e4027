/**
 * Freezes the built-ins of the worker's own realm: if one of its objects should reach a script
 * after all, the worker's own code can't be changed through it. (`--frozen-intrinsics` does more
 * of the same, for 30 to 50 ms of every start.)
 *
 * The prototypes of errors stay as they are: Node assigns to names and messages of errors, which
 * frozen prototypes would forbid.
 */
export function freezeIntrinsics(): void {
  // By name: asking for all of Node's globals would load those that are lazy, for 100 ms and more.
  const found = new Set<object>([
    ...[Object, Function, Array, String, Number, Boolean, Symbol, BigInt, Date, RegExp, Promise],
    ...[Map, Set, WeakMap, WeakSet, WeakRef, Proxy, Reflect, JSON, Math, Atomics],
    ...[ArrayBuffer, SharedArrayBuffer, DataView, Uint8Array, Uint16Array, Uint32Array, Int8Array],
    ...[Int16Array, Int32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array],
    ...[Uint8ClampedArray, Error, TypeError, RangeError],
    async () => {},
    function* generator() {},
    async function* asyncGenerator() {},
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ''[Symbol.iterator](),
    'x'.matchAll(/x/g),
  ])
  for (const object of found) {
    const own = Object.getOwnPropertyDescriptor(object, 'prototype')?.value as object | undefined
    const parent = Object.getPrototypeOf(object) as object | null
    if (own && !Object.hasOwn(own, 'message')) found.add(own)
    if (parent) found.add(parent)
    Object.freeze(object)
  }
}
