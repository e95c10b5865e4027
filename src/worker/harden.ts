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
  const known = globalThis as unknown as Record<string, object | undefined>
  const found = new Set<object>([
    ...LANGUAGE.map((name) => known[name]).filter((value) => value !== undefined),
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
    const maker = Object.getOwnPropertyDescriptor(object, 'constructor')?.value as
      | object
      | undefined
    if (maker) found.add(maker)
    if (own && !Object.hasOwn(own, 'message')) found.add(own)
    if (parent) found.add(parent)
    Object.freeze(object)
  }
}

/** The language's own globals, as far as this version has them. */
const LANGUAGE: readonly string[] = [
  ...['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Date'],
  ...['RegExp', 'Promise', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry'],
  ...['Proxy', 'Reflect', 'JSON', 'Math', 'Atomics', 'Intl', 'Iterator', 'WebAssembly'],
  ...['ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Int16Array'],
  ...['Uint8ClampedArray', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array'],
  ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Error', 'EvalError'],
  ...['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'URIError', 'AggregateError'],
  ...[
    'SuppressedError',
    'DisposableStack',
    'AsyncDisposableStack',
    'eval',
    'parseInt',
    'parseFloat',
  ],
  ...['isNaN', 'isFinite', 'encodeURI', 'encodeURIComponent', 'decodeURI', 'decodeURIComponent'],
]
