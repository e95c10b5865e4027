/** How an entry into the context ended, when that isn't simply a primitive result. */
type Ending =
  /** The completion value is a promise: `nextSettled` will tell. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'thrown'
      readonly name: string
      readonly message: string
      readonly stack: string
      readonly extra: Uint8Array | undefined
    }
  | { readonly kind: 'unserializable'; readonly path: string; readonly why: string }

/** What the bridge says of it. */
export type BridgeOutcome =
  | Ending
  /** The result is bytes, the script's own: to be copied before any script runs again. */
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  /** Encoding needs msgpackr: hand it in with `loadCodec`, then ask again with `resume`. */
  | { readonly kind: 'codec' }

export type Outcome =
  | Ending
  /** The result is bytes, copied; or too many of them; or of no memory any more. */
  | { readonly kind: 'copied'; readonly bytes: Uint8Array | number | undefined }

/** What comes of an entry into the context, as the bridge has it. */
export type BridgeResult = BridgeOutcome | Primitive

export type Primitive = undefined | null | boolean | number | bigint | string

/** Whether a value is a primitive that can travel as it is. Asks nothing of it. */
export function travelsAsIs(value: unknown): value is Primitive {
  switch (typeof value) {
    case 'object':
      return value === null
    case 'function':
    case 'symbol':
    case 'bigint':
      return false
    default:
      return true
  }
}
