/** True when two types are the same, `any` and readonly modifiers told apart. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** True when a value of the first type may be given where the second is asked for. */
export type Fits<A, B> = [A] extends [B] ? true : false

/** Compiles when every one of the claims holds; checked by the compiler alone. */
export function claims<_All extends readonly true[]>(): void {}

/** The same for claims that must not hold. */
export function denies<_All extends readonly false[]>(): void {}
