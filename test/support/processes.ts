import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_INTERVAL = 5
const LONGEST_WAIT = 60_000

/** The direct children of a process, zombies included; of this one by default. */
export function children(pid: number = process.pid): number[] {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks)
    .flatMap((task) => readFileSync(`${tasks}/${task}/children`, 'utf8').split(' '))
    .filter((text) => text.trim() !== '')
    .map(Number)
}

/** The kernel's letter for what a process is at: R, S, Z …; undefined when there is none. */
export function processState(pid: number): string | undefined {
  try {
    // The command before it may hold anything, but its closing parenthesis is the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0]
  } catch {
    return undefined
  }
}

/** Whether a process still runs. What nobody has reaped yet does not. */
export function isAlive(pid: number): boolean {
  const state = processState(pid)
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** For what no event tells, such as the end of somebody else's child. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + LONGEST_WAIT
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${LONGEST_WAIT} ms in vain until ${what}`)
    await delay(POLL_INTERVAL)
  }
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  await until(`${pids.join(', ')} are gone`, () => !pids.some(isAlive))
}

export async function untilBusy(pid: number): Promise<void> {
  await until(`${pid} is busy`, () => processState(pid) === 'R')
}

/** A process may still be busy of its own accord: contexts are made in advance. */
export async function untilIdle(pid: number): Promise<void> {
  let switches = ''
  let looks = 0
  await until(`${pid} is idle`, () => {
    const status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'utf8')
    const now = status.slice(status.indexOf('voluntary_ctxt_switches'))
    looks = now === switches ? looks + 1 : 0
    switches = now
    return looks === 5
  })
}
