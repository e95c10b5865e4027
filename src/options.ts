import type { Logger } from 'pino'
import type { ConsoleFunction } from './console-sink.js'
import type { HostFunctions } from './host-functions.js'
import type { SandboxMode } from './pool/sandbox.js'
import type { Features } from './wire/worker-options.js'

/** A start-up script: its text, or the file that holds it. */
export type InitSource =
  | {
      readonly source: string
      /** The name that stacks show. */
      readonly filename?: string
    }
  | { readonly file: string }

/** Options of `VmService.start`. Times are in milliseconds, sizes in bytes. */
export interface VmServiceOptions {
  /** Slots on the ring, each with one process. Default: the available parallelism. */
  readonly processes?: number
  /** Warm processes beyond the slots. Default 1. */
  readonly spares?: number
  /** Scripts to run, in order, in every new or reset context. Default: none. */
  readonly init?: readonly InitSource[]
  /** Run budget of one call in ms, its asynchronous part included; or Infinity. Default 5000. */
  readonly timeout?: number
  /** How long a call may wait before it starts, in ms; or Infinity. Default Infinity. */
  readonly queueTimeout?: number
  /** From a missed deadline to SIGKILL, in ms. Default 500. */
  readonly killGrace?: number
  /**
   * How long a process may take from its start to its first word, in ms. Start-up sources are not
   * in it: they have `timeout`. Default 10 000.
   */
  readonly startTimeout?: number
  /** Resident memory of one process, in bytes. At least 128 MiB. Default 512 MiB. */
  readonly memoryLimit?: number
  /**
   * Largest source, encoded arguments or encoded result of one call, in bytes; at least 256.
   * Default 5 MiB.
   */
  readonly maxSourceSize?: number
  /** Calls that may wait in the service. Default 10 000. */
  readonly maxQueue?: number
  /** Live contexts in the service. Default 10 000. */
  readonly maxContexts?: number
  /** Collect a context unused for this long, in ms; or Infinity. Default Infinity. */
  readonly contextIdleTimeout?: number
  /**
   * How long the contexts of a key that cost its process are kept in a process of their own, in
   * ms, after the last time; 0 turns that off. Default 60 000.
   */
  readonly probation?: number
  /** What scripts have beyond, or lack of, JavaScript as it usually is. */
  readonly features?: Partial<Features>
  /**
   * The wall of the operating system: bubblewrap if it works (`auto`), never, or always. Default
   * `auto`.
   */
  readonly sandbox?: SandboxMode
  /** Whom workers run as, if the service may choose: it runs as root. Default: its own user. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /**
   * Functions of the host that scripts call as `host.name(…)`; or `host.sync.name(…)`, if made by
   * `syncFunction`. Default: none.
   */
  readonly functions?: HostFunctions
  /** Bounds for calls of those. */
  readonly hostCalls?: HostCallLimits
  /** What becomes of what scripts print: nothing, a line of the logger, or a call of a function. Default `ignore`. */
  readonly console?: 'ignore' | 'log' | ConsoleFunction
  /** How long timers live: as long as the call that set them, as their context; or there are none. Default `call`. */
  readonly timers?: 'call' | 'context' | 'none'
  /** A pino logger. Default: silent. */
  readonly logger?: Logger
  /** The worker's Node executable, by an absolute path. Default: this one. */
  readonly execPath?: string
  /** Further flags for the worker's Node. Default: none. */
  readonly execArgv?: readonly string[]
}

export interface HostCallLimits {
  /** How long one may take, in ms; or Infinity. Default 5000. */
  readonly timeout?: number
  /** Host calls of one context that may be under way. Default 100. */
  readonly maxPending?: number
  /** Whether the time that a script waits for its host counts against the `timeout` of its call. Default false. */
  readonly countTime?: boolean
}

export interface CreateContextOptions {
  /** Affinity: equal keys share a slot. Not together with `id`. */
  readonly key?: string
  /** The caller's own ID; it is then the key, too. */
  readonly id?: string
  /** The context is collected when this signal aborts, or when this object is garbage. */
  readonly owner?: AbortSignal | object
  /** Collect the context when unused for this long, in ms; or Infinity. */
  readonly idleTimeout?: number
  /** Scripts to run after the service's own, in order, now and after every reset. */
  readonly init?: readonly InitSource[]
  /** Default run budget of the context's calls in ms; or Infinity. */
  readonly timeout?: number
  /**
   * Whether the contexts of its key have a process of their own, off the ring: for scripts that hold up
   * their process. There are as many of those as the service has `processes`. Default false.
   */
  readonly ownProcess?: boolean
  /** Functions of the host beyond the service's, which they must not share names with. Default: none. */
  readonly functions?: HostFunctions
}

export interface EnsureContextOptions extends Omit<CreateContextOptions, 'id' | 'key'> {
  readonly id: string
}

export interface CallOptions {
  /** Run budget in ms, the asynchronous part included; or Infinity. */
  readonly timeout?: number
  /** Gives the call up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface EvalOptions extends CallOptions {
  /** The name that stacks show. Default `vm:eval`. */
  readonly filename?: string
  /** Resolve to undefined whatever the script's value is. Default false. */
  readonly discardResult?: boolean
}

export interface CloseOptions {
  /** End running calls at once. Default false. */
  readonly force?: boolean
  /** How long calls may go on, in ms; or Infinity. Default 5000. */
  readonly timeout?: number
}
