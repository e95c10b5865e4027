import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { FrameWriter } from '../wire/framing.js'
import { LIFELINE_FD, Op } from '../wire/protocol.js'
import { writeReply } from '../wire/replies.js'
import { DeadlineCell } from './deadline-cell.js'
import { HeldReplies } from './held-replies.js'
import { dropPermissions } from './permissions.js'
import { residentMemory } from './resident-memory.js'
import type { WatchdogData, WatchdogMessage, WatchdogRequest } from './watchdog.js'

/**
 * The watchdog: a thread that ends the main thread's turn when its deadline is missed or memory
 * runs out, and the whole process when the supervisor is gone. It costs a call nothing but a
 * few atomic stores.
 *
 * The inspector's `Runtime.terminateExecution` stops what `vm`'s own timeout stops, without the
 * hundred microseconds that one costs per call.
 */

const STDERR_FD = 2
/** How often it looks while turns are being made, in milliseconds. */
const TICK = 10
/** Looks without a turn after which memory is not looked at any more, if there is plenty. */
const ALERT_TICKS = 3
/**
 * Looks without a turn after which it sleeps until rung. To be rung takes the turn that does it longer than a
 * short script, and then both threads want a core; but a hundred looks a second are half a percent of one.
 */
const IDLE_TICKS = 30
/** How often it looks while memory is short and nothing runs, in milliseconds. */
const IDLE_TICK = 250
/** The share of the memory limit past which garbage is collected, and no context taken. */
const PRESSURE = 0.8
/** Between two collections that pressure asks for, in milliseconds; doubled by each in vain. */
const COLLECT_INTERVAL = 1000
const LONGEST_COLLECT_INTERVAL = 30_000
/**
 * The share of the limit past which the process ends: it is in native code that can't be ended, and
 * what that allocates V8's own limit does not count.
 */
const HARD_LIMIT = 4
/**
 * After a context was ended for its memory, others are spared up to so much beyond what there has been since its
 * turn had ended, which may be long after it was told to, or beyond the limit; as a share of the limit.
 */
const OVERSHOOT = 0.5
/** How long that lasts once its garbage is collected, in milliseconds: pages go back later. */
const SETTLE_TIME = 250
/** The share of the limit that a context must have grown by to be blamed. */
const BLAMABLE = 0.1

const { shared, held, memoryLimit } = workerData as WatchdogData
const cell = new DeadlineCell(shared)
const heldReplies = new HeldReplies(held)
const residentBytes = residentMemory()
const session = new Session()
session.connectToMainThread()

/** Looks since the last turn. */
let idle = 0
/** The call of the last turn that it has seen anything of. */
let lastCall = 0
/** Whether there was plenty of memory at the last look at it. */
let isCalm = false
let timer: NodeJS.Timeout | undefined
let pressed = false
/**
 * From the blame of a context, or the beginning of a collection, until its memory had time to go; the number
 * of the last of these, or 0.
 */
let relieving = 0
let lastRelief = 0
/** Up to how many resident bytes others are spared then. */
let spared = 0
/** The context last asked to be evicted, or 0 for those made in advance, until its memory had time to go. */
let evicting: number | undefined
let lastTurn = 0
/** The fewest resident bytes that were seen in the turn under way: its own garbage may not be all that went. */
let lowest = 0
/** The last turn that the service was told of. */
let told = 0
const frames = new FrameWriter()
let collectedAt = Number.NEGATIVE_INFINITY
let collectInterval = COLLECT_INTERVAL

function look(): void {
  const turn = cell.turn()
  if (turn !== 0 && turn !== told) tell(turn)
  const call = cell.call()
  // One that was told to end may be in native code still, and take ever more.
  const isEnding = cell.isClaimed()
  idle = turn === 0 && !isEnding && call === lastCall ? idle + 1 : 0
  lastCall = call
  if (idle > ALERT_TICKS && idle <= IDLE_TICKS && isCalm && !relieving) return again(TICK)
  const rss = residentBytes()
  if (rss > memoryLimit * HARD_LIMIT) die(rss)
  // What it takes meanwhile is nobody else's doing.
  if (isEnding) return again(TICK)
  lowest = turn === lastTurn ? Math.min(lowest, rss) : rss
  spared = Math.min(spared, Math.max(memoryLimit, rss) + memoryLimit * OVERSHOOT)
  // The deadline read may be that of a later turn: then the claim fails, and nothing happened.
  if (turn !== 0 && (cell.remaining() <= 0 || cell.isUnwanted())) {
    end(turn, { kind: 'deadline' })
  } else if (rss > memoryLimit) blame(turn, rss)
  // A long turn's garbage is V8's own business.
  else if (rss > memoryLimit * PRESSURE && (turn === 0 || turn !== lastTurn)) collect()
  else if (pressed && rss < memoryLimit * PRESSURE) press(false, rss)
  lastTurn = turn
  isCalm = !relieving && !pressed && rss <= memoryLimit * PRESSURE
  if (idle <= (isCalm ? IDLE_TICKS : ALERT_TICKS)) again(TICK)
  // Nobody may come to a process that takes no contexts, or whose garbage could not be collected yet
  // because it was a moment ago: it has to see for itself.
  else if (isCalm) sleep()
  else sleep(IDLE_TICK)
}

/** Looks again after `delay` ms, or at the deadline of the turn under way if that is sooner. */
function again(delay: number): void {
  clearTimeout(timer)
  cell.wakeIn(delay)
  // Read after the line above: a turn that begins later rings when that is too late for it.
  const remaining = cell.turn() === 0 ? delay : cell.remaining()
  timer = setTimeout(look, Math.min(delay, Math.max(0, remaining)))
}

/** Looks again when rung, which every turn does that begins; or also after `delay` ms. */
function sleep(delay?: number): void {
  clearTimeout(timer)
  cell.sleep()
  if (delay !== undefined) timer = setTimeout(look, delay)
  // A turn that began before the line above did not ring.
  if (cell.turn() !== 0) again(0)
}

/** Sends the replies that the main thread holds, and which call's turn they would have to wait for. */
function tell(turn: number): void {
  const call = cell.call()
  // Nobody asked for that turn; or another has begun.
  if (call === 0 || cell.turn() !== turn) return
  writeReply(frames, call, cell.context(), { op: Op.begun })
  const [begun] = frames.take()
  // At the next look again, unless all has left.
  if (begun && heldReplies.write(begun, () => cell.turn() === turn)) told = turn
}

/** The service reads on the standard error why. */
function die(rss: number): void {
  writeSync(STDERR_FD, `vmring: out of memory, at ${rss} bytes\n`)
  process.kill(process.pid, 'SIGABRT')
}

/** False when the turn was left first. */
function end(turn: number, message: WatchdogMessage): boolean {
  if (!cell.claim(turn)) return false
  session.post('Runtime.terminateExecution', () => parentPort?.postMessage(message))
  return true
}

/** Ends the turn of a call that nobody waits for any more; now, or when it goes on. */
function cancel(call: number): void {
  cell.setUnwanted(call)
  const turn = cell.turn()
  if (turn !== 0 && cell.isUnwanted()) end(turn, { kind: 'deadline' })
}

/** Ends the turn, or has the context destroyed, that made the process grow most. */
function blame(turn: number, rss: number): void {
  if (relieving && rss < spared) return
  const running = cell.context()
  const { base, top, growth } = cell.memory()
  const added = turn === 0 ? 0 : rss - Math.min(base, lowest) + (running === top ? growth : 0)
  if (Math.max(added, growth) < memoryLimit * BLAMABLE) return collect()
  if (turn !== 0 && (running === top || added > growth)) {
    // Left in time after all: the next look will see what is left of it.
    if (!end(turn, { kind: 'memory', context: running, rss })) return
  } else {
    if (evicting === top) return
    evicting = top
    parentPort?.postMessage({ kind: 'evict', context: top, rss } satisfies WatchdogMessage)
  }
  // Until the main thread has let go of the context and asked for the collection.
  relieving = ++lastRelief
  spared = Number.POSITIVE_INFINITY
}

/** Collects garbage before anybody is blamed for it. */
function collect(): void {
  if (relieving || performance.now() - collectedAt < collectInterval) return
  // Now, so that what is let go of meanwhile has the last word.
  collectInterval = Math.min(collectInterval * 2, LONGEST_COLLECT_INTERVAL)
  reclaim()
}

/**
 * The inspector collects without the `gc` global, which V8 would put into every context. Twice:
 * what the first collection finds of a context's wrapper frees the context for the second.
 */
function reclaim(): void {
  if (relieving === 0) spared = Number.POSITIVE_INFINITY
  relieving = ++lastRelief
  const relief = relieving
  // When the main thread is done with its turn.
  session.post('HeapProfiler.collectGarbage', () => {
    setImmediate(() => session.post('HeapProfiler.collectGarbage', () => reclaimed(relief)))
  })
}

function reclaimed(relief: number): void {
  collectedAt = performance.now()
  setTimeout(() => {
    const rss = residentBytes()
    const short = rss > memoryLimit * PRESSURE
    if (!short) collectInterval = COLLECT_INTERVAL
    press(short, rss)
    // Or somebody was blamed meanwhile, or more was let go of: it is not over before that has had its time.
    if (relieving !== relief) return
    relieving = 0
    evicting = undefined
  }, SETTLE_TIME)
}

function press(on: boolean, rss: number): void {
  if (pressed === on) return
  pressed = on
  // What was in vain before says nothing of the next time.
  if (!on) collectInterval = COLLECT_INTERVAL
  const message: WatchdogMessage = { kind: 'pressure', on, rss }
  parentPort?.postMessage(message)
}

parentPort?.on('message', (request: WatchdogRequest) => {
  if (request === 'reclaim') return reclaim()
  if (request === 'freed') {
    collectInterval = COLLECT_INTERVAL
    return
  }
  idle = 0
  again(TICK)
})

// Read by this thread alone, so that it ends a process whose main thread is busy for ever.
const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: false })
lifeline.on('data', (numbers: Buffer) => {
  // A number that was cut in two ends nothing; the supervisor's own clock is behind this.
  for (let at = 0; at + 4 <= numbers.length; at += 4) cancel(numbers.readUInt32BE(at))
})
const orphaned = (): void => void process.kill(process.pid, 'SIGKILL')
lifeline.on('end', orphaned)
lifeline.on('error', orphaned)

dropPermissions()
cell.sleep()
const ready: WatchdogMessage = { kind: 'ready' }
parentPort?.postMessage(ready)
