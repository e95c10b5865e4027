import type { Encoded, Simple } from './values/simple.js'

/**
 * Every message between a service and a process, as discriminated unions. Requests are
 * numbered by the service; each gets exactly one reply with its number, except `abandon`,
 * which carries the number of the request it withdraws and changes that one's reply.
 */

/** Goes up with every change that an older peer would misread. */
export const PROTOCOL_VERSION = 2

/** The descriptor in the worker that carries frames. */
export const CHANNEL_FD = 3
/** The descriptor in the worker whose end means that the supervisor is gone. */
export const LIFELINE_FD = 4
/** The descriptor in the worker that carries what scripts ask of their host and wait for. */
export const SYNC_FD = 5
/** The longest budget of a turn that nobody asked for, in milliseconds. */
export const LONGEST_ASIDE = 250
/** Turns whose replies a process may hold at a time, to send them together. */
export const HELD_TURNS = 16

export const Op = {
  init: 1,
  create: 2,
  reset: 3,
  destroy: 4,
  evaluate: 5,
  call: 6,
  abandon: 7,
  inventory: 8,
  resume: 9,
  wake: 10,
  answer: 11,

  ok: 64,
  error: 65,
  timeout: 66,
  invalid: 67,
  unserializable: 68,
  oversize: 69,
  memory: 70,

  hello: 128,
  suspended: 129,
  evicted: 130,
  pressure: 131,
  aside: 132,
  begun: 133,
  hostCall: 134,
  timer: 135,
  console: 136,
  ask: 137,
} as const

/** A script and the name that its stacks show. */
export interface Source {
  readonly source: string
  readonly filename: string
  /** What V8 has compiled it to, if a process of the same program told. */
  readonly code?: Uint8Array | undefined
}

/** A function of the host that scripts may call. */
export interface HostFunctionName {
  readonly name: string
  /** Whether the script is held up until the host has answered. */
  readonly sync: boolean
}

/** How a host call ended: its encoded result; or name and message of the error that the script gets. */
export interface HostOutcome {
  readonly ok: boolean
  readonly value: Uint8Array
}

/** How one of them ended, by the number that the process gave it. */
export interface HostEnd extends HostOutcome {
  readonly id: number
}

/** A line of a script's console. */
export interface Line {
  readonly level: number
  /** UTF-8. */
  readonly text: Uint8Array
}

/** A request that runs scripts, for at most `timeout` ms at a stretch; or Infinity. */
interface Turn {
  readonly timeout: number
}

export type TurnRequest =
  /**
   * Start-up sources of every context; proven by building a first one, kept for `create`. With `cache`
   * the result is what they were compiled to, a list of bytes.
   */
  | ({
      readonly op: typeof Op.init
      readonly sources: readonly Source[]
      readonly cache: boolean
    } & Turn)
  | ({
      readonly op: typeof Op.create
      readonly sources: readonly Source[]
      /** The context's own, numbered after the service's. */
      readonly functions: readonly HostFunctionName[]
    } & Turn)
  | ({ readonly op: typeof Op.reset } & Turn)
  | ({
      readonly op: typeof Op.evaluate
      readonly source: string
      readonly filename: string
      readonly discard: boolean
    } & Turn)
  | ({
      readonly op: typeof Op.call
      /** Path segments, joined by U+0000. */
      readonly path: string
      /** All simple; or an encoded array. */
      readonly args: Uint8Array | readonly Simple[]
      /** Whether no reply may be held meanwhile, so that it is known whose turn it is. */
      readonly apart: boolean
    } & Turn)
  /** Host calls have ended: their promises are settled, in one turn. */
  | ({
      readonly op: typeof Op.resume
      /** The call on whose account the script goes on, in what that has left; or 0. */
      readonly owner: number
      /** What it has when that call is over by then, in milliseconds. */
      readonly alone: number
      /** Whether that call was given up: the script may clean up, and call its host no more. */
      readonly over: boolean
      readonly ended: readonly HostEnd[]
    } & Turn)
  /** Timers are due. */
  | ({ readonly op: typeof Op.wake } & Turn)

export type Request =
  | TurnRequest
  | { readonly op: typeof Op.destroy }
  | { readonly op: typeof Op.abandon }
  /** The numbers of all contexts the process holds, as an encoded array. */
  | { readonly op: typeof Op.inventory }

/** How a script's error looks from outside; `extra` is an encoded `ScriptErrorExtra`. */
export interface ScriptFailure {
  /** Empty when what was thrown is not an error. */
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly extra: Uint8Array | undefined
}

export interface ScriptErrorExtra {
  readonly properties?: Record<string, unknown>
  readonly cause?: [unknown]
  readonly thrown?: [unknown]
}

export type Reply =
  | { readonly op: typeof Op.ok; readonly value: Simple | Encoded }
  | ({ readonly op: typeof Op.error } & ScriptFailure)
  /** Its turn was ended at the deadline; or it was withdrawn, perhaps before it started. */
  | { readonly op: typeof Op.timeout; readonly started: boolean }
  /** `known`: the context was there when the call started, and was destroyed or reset. */
  | { readonly op: typeof Op.invalid; readonly known: boolean }
  | { readonly op: typeof Op.unserializable; readonly path: string; readonly why: string }
  | { readonly op: typeof Op.oversize; readonly size: number }
  /** Its turn was ended because the process reached `rss` bytes; its context is evicted. */
  | { readonly op: typeof Op.memory; readonly rss: number }

export type Event =
  | { readonly op: typeof Op.hello; readonly version: number; readonly pid: number }
  /** The turn of this call begins, and no reply before it is held. */
  | { readonly op: typeof Op.begun }
  /** The call waits for a promise; the next one runs. */
  | { readonly op: typeof Op.suspended }
  /** The context was destroyed for the memory it held. */
  | { readonly op: typeof Op.evicted; readonly rss: number }
  /**
   * A turn that nobody asked for has begun, ahead of all others, and takes at most `timeout` ms; or,
   * with 0, is over. It is the last of a context that is gone, makes one in advance, or settles what a
   * turn that was cut short has left.
   */
  | { readonly op: typeof Op.aside; readonly timeout: number }
  /** A script calls a function of its host, on account of the call that the frame names, or of none. */
  | {
      readonly op: typeof Op.hostCall
      readonly id: number
      /** The function's place among the service's and then the context's own. */
      readonly fn: number
      /** An encoded array. */
      readonly args: Uint8Array
    }
  /**
   * The same on a descriptor of its own, where the script waits. The frame that answers is a byte that is 1
   * for a result and 0 for an error, and what a `HostOutcome` has.
   */
  | {
      readonly op: typeof Op.ask
      /** What its turn has used of its budget so far, in milliseconds. */
      readonly used: number
      readonly fn: number
      readonly args: Uint8Array
    }
  /** The context wants a `wake` in so many milliseconds, instead of any it wanted before. */
  | { readonly op: typeof Op.timer; readonly delay: number }
  /** What a turn has printed. */
  | { readonly op: typeof Op.console; readonly lines: readonly Line[] }
  /** Memory is short even without garbage, or is so no longer. */
  | { readonly op: typeof Op.pressure; readonly on: boolean; readonly rss: number }
