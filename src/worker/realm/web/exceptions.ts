import type { WebKit } from './kit.js'

export interface WebExceptions {
  readonly DOMException: new (message?: unknown, options?: unknown) => Error
  isException(value: object): boolean
}

/**
 * DOMException: an error that says which by its name.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createExceptions(kit: WebKit): WebExceptions {
  const { defineProperty, setPrototypeOf, captureStackTrace, plain } = kit

  const codes = {
    __proto__: null,
    IndexSizeError: 1,
    HierarchyRequestError: 3,
    WrongDocumentError: 4,
    InvalidCharacterError: 5,
    NoModificationAllowedError: 7,
    NotFoundError: 8,
    NotSupportedError: 9,
    InUseAttributeError: 10,
    InvalidStateError: 11,
    SyntaxError: 12,
    InvalidModificationError: 13,
    NamespaceError: 14,
    InvalidAccessError: 15,
    TypeMismatchError: 17,
    SecurityError: 18,
    NetworkError: 19,
    AbortError: 20,
    URLMismatchError: 21,
    QuotaExceededError: 22,
    TimeoutError: 23,
    InvalidNodeTypeError: 24,
    DataCloneError: 25,
  } as unknown as Record<string, number>

  let isException: WebExceptions['isException']

  class DOMException {
    readonly #name: string
    readonly #message: string

    static {
      isException = (value) => #name in value
    }

    constructor(message: unknown = '', options: unknown = 'Error') {
      this.#message = `${message}`
      let name: unknown = options
      if (typeof options === 'object' && options !== null) {
        name = (options as { name?: unknown }).name
        if (name === undefined) name = 'Error'
        if ('cause' in options) defineProperty(this, 'cause', plain(options.cause))
      }
      this.#name = `${name}`
      captureStackTrace(this, new.target)
    }

    get name(): string {
      return this.#name
    }

    get message(): string {
      return this.#message
    }

    get code(): number {
      return codes[this.#name] ?? 0
    }
  }

  // Constants of another age, by their number, from 1; some never had an error.
  const legacy = [
    'INDEX_SIZE',
    'DOMSTRING_SIZE',
    'HIERARCHY_REQUEST',
    'WRONG_DOCUMENT',
    'INVALID_CHARACTER',
    'NO_DATA_ALLOWED',
    'NO_MODIFICATION_ALLOWED',
    'NOT_FOUND',
    'NOT_SUPPORTED',
    'INUSE_ATTRIBUTE',
    'INVALID_STATE',
    'SYNTAX',
    'INVALID_MODIFICATION',
    'NAMESPACE',
    'INVALID_ACCESS',
    'VALIDATION',
    'TYPE_MISMATCH',
    'SECURITY',
    'NETWORK',
    'ABORT',
    'URL_MISMATCH',
    'QUOTA_EXCEEDED',
    'TIMEOUT',
    'INVALID_NODE_TYPE',
    'DATA_CLONE',
  ]
  for (let i = 0; i < legacy.length; i++) {
    const constant = { __proto__: null, value: i + 1, enumerable: true } as PropertyDescriptor
    defineProperty(DOMException, `${legacy[i]}_ERR`, constant)
    defineProperty(DOMException.prototype, `${legacy[i]}_ERR`, constant)
  }
  kit.expose(DOMException, 'DOMException')
  setPrototypeOf(DOMException.prototype, kit.ErrorOf.prototype)

  return { DOMException: DOMException as unknown as WebExceptions['DOMException'], isException }
}
