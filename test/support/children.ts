import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The processes that this one started and that are still there, zombies included. */
export function childPids(): number[] {
  const pids = process.platform === 'linux' ? fromProc() : fromPs()
  return pids.sort((a, b) => a - b)
}

/** Linux lists children by the thread that started them. */
function fromProc(): number[] {
  const tasks = '/proc/self/task'
  return readdirSync(tasks)
    .flatMap((thread) => readFileSync(`${tasks}/${thread}/children`, 'utf8').split(' '))
    .filter((pid) => pid !== '')
    .map(Number)
}

function fromPs(): number[] {
  const { stdout, pid: ps } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([pid, parent]) => parent === process.pid && pid !== ps)
    .map(([pid]) => pid as number)
}
