/** For each state, the states that may follow it. */
export type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>

/** One state field with one setter: a transition that its table lacks is a bug, and throws. */
export class Lifecycle<S extends string> {
  readonly #transitions: Transitions<S>
  #state: S

  constructor(transitions: Transitions<S>, initial: S) {
    this.#transitions = transitions
    this.#state = initial
  }

  get state(): S {
    return this.#state
  }

  to(next: S): void {
    if (!this.#transitions[this.#state].includes(next)) {
      throw new Error(`no transition from ${this.#state} to ${next}`)
    }
    this.#state = next
  }
}

export type ProcessState = 'starting' | 'ready' | 'stopping' | 'exited'
export const PROCESS_TRANSITIONS: Transitions<ProcessState> = {
  starting: ['ready', 'stopping', 'exited'],
  ready: ['stopping', 'exited'],
  stopping: ['exited'],
  exited: [],
}

export type SlotState = 'vacant' | 'occupied' | 'closed'
export const SLOT_TRANSITIONS: Transitions<SlotState> = {
  vacant: ['occupied', 'closed'],
  occupied: ['vacant', 'closed'],
  closed: [],
}
