import type { Task } from './task.js'

/**
 * Tasks in the order they were added. The links are in the tasks themselves: a call costs no entry
 * in a map, which at this rate is rebuilt all the time. So a task is in one list at most.
 */
export class TaskList {
  #first: Task | undefined
  #last: Task | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): Task | undefined {
    return this.#first
  }

  has(task: Task): boolean {
    return task.list === this
  }

  add(task: Task): void {
    task.list = this
    task.previous = this.#last
    if (this.#last) this.#last.next = task
    else this.#first = task
    this.#last = task
    this.#size++
  }

  /** Takes out a task of this list. */
  remove(task: Task): void {
    const { previous, next } = task
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    else this.#last = previous
    task.list = undefined
    task.previous = undefined
    task.next = undefined
    this.#size--
  }

  /** Every task, oldest first. Of those in the list, only the one at hand may be taken out meanwhile. */
  *[Symbol.iterator](): IterableIterator<Task> {
    for (let task = this.#first; task; ) {
      const { next } = task
      yield task
      task = next
    }
  }

  /** Takes out everything. */
  clear(): Task[] {
    const tasks = [...this]
    for (const task of tasks) this.remove(task)
    return tasks
  }
}
