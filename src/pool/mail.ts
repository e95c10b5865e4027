import { type Event, type HostOutcome, type Line, Op } from '../wire/protocol.js'
import type { Task } from './task.js'

/** How a script that waits is told what it has asked for. Once. */
export type Answer = (outcome: HostOutcome) => void

/** What the scripts of a context, by its number, want of their host. */
export type Mail =
  | {
      readonly kind: 'call'
      /** On whose account, if on anybody's. */
      readonly task: Task | undefined
      readonly context: number
      readonly id: number
      readonly fn: number
      /** An encoded array, as the worker sent it. */
      readonly args: Uint8Array
      /** Undefined when the script does not wait: it wants a `resume`. */
      readonly answer: Answer | undefined
    }
  /** A `wake` in so many milliseconds. */
  | { readonly kind: 'timer'; readonly context: number; readonly delay: number }
  /** What a turn has printed. */
  | { readonly kind: 'lines'; readonly context: number; readonly lines: readonly Line[] }

/** An event that is one of these, of a context, on account of a task or of none. */
export function mailOf(
  event: Event & {
    op: typeof Op.hostCall | typeof Op.ask | typeof Op.timer | typeof Op.console
  },
  context: number,
  task: Task | undefined,
  answer?: Answer,
): Mail {
  switch (event.op) {
    case Op.hostCall:
      return { kind: 'call', task, context, id: event.id, fn: event.fn, args: event.args, answer }
    case Op.ask:
      return { kind: 'call', task, context, id: 0, fn: event.fn, args: event.args, answer }
    case Op.timer:
      return { kind: 'timer', context, delay: event.delay }
    case Op.console:
      return { kind: 'lines', context, lines: event.lines }
  }
}
