/** What pools that load a module's functions are given. */

export function add([a, b]: [number, number]): number {
  return a + b
}

export function mirror(value: unknown): unknown {
  return value
}
