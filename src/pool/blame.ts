import { HELD_TURNS, Op } from '../wire/protocol.js'
import type { Channel } from './channel.js'
import type { Head, Task } from './task.js'

/** Whose turn a process died in, as far as that can be told. */
export interface Blame {
  /** Undefined when nobody is to blame, or when it may have been one of several. */
  readonly head: Head | undefined
  /** The contexts that it may have been, by number, when it may have been several. */
  readonly suspects: readonly number[]
}

export const NOBODY: Blame = { head: undefined, suspects: [] }

/**
 * The oldest call without a reply may have been over: a process holds back the replies of a few short
 * calls for a moment, and they are lost with it. It says when it begins a call without holding any,
 * and holds none but those of calls.
 */
export function blame(channel: Channel): Blame {
  const head = channel.head()
  const oldest = channel.oldest()
  if (!head || !oldest || head !== oldest) return { head, suspects: [] }
  if (oldest === channel.begun || !isHeld(oldest)) return { head, suspects: [] }
  const suspects = new Set<number>()
  let turns = 0
  for (const task of channel.runningTasks()) {
    if (turns++ > HELD_TURNS || !isHeld(task)) break
    suspects.add(task.context)
  }
  return suspects.size === 1 ? { head, suspects: [] } : { head: undefined, suspects: [...suspects] }
}

/** Whether the reply of a task may be held. */
function isHeld({ request }: Task): boolean {
  return request.op === Op.call || request.op === Op.resume
}
