import type { Logger } from 'pino'
import {
  type CallOptions,
  type CloseOptions,
  type CreateContextOptions,
  type EnsureContextOptions,
  type EvalOptions,
  type Features,
  type InitSource,
  type SandboxMode,
  syncFunction,
  type VmServiceOptions,
} from 'vmring'
import { claims, denies, type Equal, type Fits } from './expect.js'

/** Methods know who calls without a word of type. */
export const typed = {
  functions: {
    whose() {
      return `${this.contextId} ${this.key} ${this.signal.aborted}`
    },
    held: syncFunction(function () {
      return this.key
    }),
  },
} satisfies VmServiceOptions

claims<
  [
    Fits<{ processes: 4; spares: 0; timeout: 100 }, VmServiceOptions>,
    // Nothing has to be given.
    Fits<Record<never, never>, VmServiceOptions>,
    Fits<
      { init: [{ source: '1' }, { source: '2'; filename: 'b.js' }, { file: 'a.js' }] },
      VmServiceOptions
    >,
    Equal<VmServiceOptions['logger'], Logger | undefined>,
    Equal<VmServiceOptions['sandbox'], SandboxMode | undefined>,
    Equal<VmServiceOptions['features'], Partial<Features> | undefined>,
    Fits<{ features: { webAssembly: true }; user: { uid: 1; gid: 1 } }, VmServiceOptions>,
    Fits<{ owner: AbortSignal }, CreateContextOptions>,
    Fits<{ owner: Map<string, string> }, CreateContextOptions>,
    Fits<{ id: 'a'; timeout: 5 }, EnsureContextOptions>,
    Equal<EnsureContextOptions['id'], string>,
    Fits<EvalOptions, CallOptions>,
    Equal<keyof CallOptions, 'timeout' | 'signal'>,
    Equal<keyof EvalOptions, 'timeout' | 'signal' | 'filename' | 'discardResult'>,
    Equal<keyof CloseOptions, 'force' | 'timeout'>,
  ]
>()

denies<
  [
    Fits<{ processes: string }, VmServiceOptions>,
    Fits<{ timeout: undefined }, VmServiceOptions>,
    Fits<{ init: ['1'] }, VmServiceOptions>,
    Fits<{ sandbox: 'docker' }, VmServiceOptions>,
    Fits<{ user: { uid: 1 } }, VmServiceOptions>,
    Fits<{ features: { wasm: true } }, VmServiceOptions>,
    Fits<Record<never, never>, InitSource>,
    Fits<{ owner: string }, CreateContextOptions>,
    Fits<Record<never, never>, EnsureContextOptions>,
    Fits<{ signal: AbortController }, CallOptions>,
    Fits<'key', keyof EnsureContextOptions>,
    Fits<'proceses', keyof VmServiceOptions>,
  ]
>()

/** Every option may be left out, and none may be changed once given. */
type Optional<T> = { readonly [K in keyof T]?: T[K] }
claims<
  [
    Equal<VmServiceOptions, Optional<VmServiceOptions>>,
    Equal<CreateContextOptions, Optional<CreateContextOptions>>,
    Equal<EvalOptions, Optional<EvalOptions>>,
    Equal<CloseOptions, Optional<CloseOptions>>,
  ]
>()
