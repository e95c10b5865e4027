import type { Task } from './task.js'

/** Of 32 bits; zero is nobody's. */
const LAST_NUMBER = 0xffff_ffff
const SMALLEST = 1024

/**
 * Tasks by the number of their call. Numbers go up, so that one that is still on its way somewhere
 * is not soon another's; their places in an array go round.
 */
export class CallTable {
  #places: (Task | undefined)[] = new Array<undefined>(SMALLEST).fill(undefined)
  #size = 0
  #last = 0

  /** The last number given out. */
  get last(): number {
    return this.#last
  }

  /** Gives a task its number. */
  add(task: Task): void {
    if (++this.#size * 2 > this.#places.length) this.#grow()
    do {
      this.#last = this.#last === LAST_NUMBER ? 1 : this.#last + 1
    } while (this.#places[this.#place(this.#last)] !== undefined)
    task.sent(this.#last)
    this.#places[this.#place(this.#last)] = task
  }

  get(call: number): Task | undefined {
    const task = this.#places[this.#place(call)]
    return task?.call === call ? task : undefined
  }

  delete(task: Task): void {
    this.#places[this.#place(task.call)] = undefined
    this.#size--
  }

  clear(): void {
    this.#places.fill(undefined)
    this.#size = 0
  }

  #place(call: number): number {
    return call & (this.#places.length - 1)
  }

  #grow(): void {
    const tasks = this.#places.filter((task) => task !== undefined)
    this.#places = new Array<undefined>(this.#places.length * 2).fill(undefined)
    for (const task of tasks) this.#places[this.#place(task.call)] = task
  }
}
