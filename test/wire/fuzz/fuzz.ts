import assert from 'node:assert/strict'
import { ContextRecord } from '../../../src/directory.js'
import { VmError } from '../../../src/errors.js'
import { Marshal } from '../../../src/marshal.js'
import { isAnswer } from '../../../src/pool/answers.js'
import type { Task } from '../../../src/pool/task.js'
import { type Event, Op, type Reply, type Request } from '../../../src/wire/protocol.js'
import { Random } from '../../chaos/random.js'
import { frame, HELLO, TestChannel } from '../../support/channel.js'
import { encodedValues, message, requests } from './messages.js'
import { choose, mutate } from './mutate.js'

export interface FuzzOptions {
  readonly frames: number
  readonly seed: number
  readonly progress?: (report: FuzzReport) => void
}

export interface FuzzReport {
  frames: number
  /** Channels that were used up, or broken by what they got. */
  channels: number
  readonly outcomes: Record<string, number>
  /** The longest that one frame took, in milliseconds. */
  longest: number
}

/** Of one frame, in milliseconds. They hold a few kilobytes; the rest is for a busy machine. */
const BOUND = 2000
const TASKS = 12
const FRAMES_PER_CHANNEL = 40
const PROGRESS_STEP = 100_000

/**
 * Pushes frames of an honest process, changed here and there and cut anywhere, through what the
 * service reads them with: `FrameReader`, `Channel` and `Marshal`. Nothing but typed errors may
 * come of it, in bounded time, and no task may be settled twice.
 */
export function fuzz({ frames, seed, progress }: FuzzOptions): FuzzReport {
  const random = new Random(seed)
  const report: FuzzReport = { frames: 0, channels: 0, outcomes: {}, longest: 0 }
  while (report.frames < frames) {
    const peer = new Peer(random, report)
    report.channels++
    for (let i = 0; i < FRAMES_PER_CHANNEL && !peer.isBroken; i++) {
      const begun = performance.now()
      peer.step()
      const took = performance.now() - begun
      report.longest = Math.max(report.longest, took)
      assert.ok(took < BOUND, `a frame took ${took} ms`)
      if (++report.frames % PROGRESS_STEP === 0) progress?.(report)
    }
    peer.end()
  }
  assert.deepEqual(Object.keys(Object.prototype), [])
  return report
}

const marshal = new Marshal(1024 * 1024, 512 * 1024 * 1024)
const record = new ContextRecord({
  id: 'fuzz',
  number: 1,
  slot: undefined as never,
  timeout: 100,
  idleTimeout: Number.POSITIVE_INFINITY,
  apart: false,
  sources: [],
  functions: [],
  onEnd: undefined,
})

/** A channel with a few requests under way, and the process at its other end. */
class Peer {
  readonly #random: Random
  readonly #report: FuzzReport
  readonly #channel = new TestChannel()
  readonly #tasks: Task[] = []
  readonly #settled = new Map<Request, number>()

  constructor(random: Random, report: FuzzReport) {
    this.#random = random
    this.#report = report
    for (let context = 1; context <= TASKS; context++) {
      // A copy, by which it is known.
      const request = { ...choose(random, requests) }
      this.#tasks.push(this.#channel.send(request, context, (reply) => this.#take(request, reply)))
    }
    this.#channel.flush()
    this.#channel.receive(HELLO)
  }

  get isBroken(): boolean {
    return this.#channel.error !== undefined
  }

  /** One frame. */
  step(): void {
    this.#channel.time += this.#random.below(20)
    for (const chunk of this.#cut(this.#frame())) this.#channel.receive(chunk)
    if (this.isBroken) this.#count('FrameError')
  }

  /** Nothing of it may be left, and nothing answered twice. */
  end(): void {
    const left = this.#channel.channel.close()
    for (const task of this.#tasks) {
      const settled = this.#settled.get(task.request) ?? 0
      assert.ok(settled <= 1, `settled ${settled} times`)
      assert.equal(settled + (left.includes(task) ? 1 : 0), 1, 'a task was lost')
    }
  }

  #frame(): Buffer {
    const random = this.#random
    const dice = random.next()
    const value = choose(random, encodedValues)
    // Most often, the frame is as it should be and what it carries is not.
    const carried = dice < 0.6 ? mutate(value, random, choose(random, encodedValues)) : value
    const pending = this.#tasks.filter(({ settled }) => !settled)
    const task = choose(random, pending.length > 0 && random.next() < 0.99 ? pending : this.#tasks)
    let sent = message(random, carried)
    // And fits, or the channel would not live to see another.
    for (let tries = 0; tries < 10 && !isFit(task, sent, random); tries++) {
      sent = message(random, carried)
    }
    const [call, context] = isEvent(sent)
      ? [0, isOfContext(sent) ? 3 : 0]
      : [task.call, task.context]
    const whole = frame(call, context, sent)
    return dice < 0.9 ? whole : mutate(whole, random, HELLO)
  }

  #cut(bytes: Buffer): Buffer[] {
    if (this.#random.next() < 0.5) return [bytes]
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + this.#random.below(this.#random.next() < 0.5 ? 4 : 200)
      chunks.push(bytes.subarray(at, at + size))
      at += size
    }
    return chunks
  }

  /** What the service does with a reply. */
  #take(request: Request, reply: Reply): void {
    this.#settled.set(request, (this.#settled.get(request) ?? 0) + 1)
    try {
      if (request.op === Op.evaluate || request.op === Op.call) {
        this.#look(marshal.resultOf(reply, record, 100))
      } else if (request.op === Op.inventory && reply.op === Op.ok) {
        this.#look(marshal.value(reply.value, 'inventory'))
      } else marshal.check(reply, 100)
      this.#count(`reply to ${request.op}`)
    } catch (error) {
      assert.ok(error instanceof VmError, String(error))
      this.#count(error.code)
    }
  }

  /** A result is of this realm's own making, and nothing in it can be called. */
  #look(value: unknown): void {
    assert.notEqual(typeof value, 'function')
    if (typeof value !== 'object' || value === null) return
    assert.ok(value instanceof Object)
    assert.notEqual(typeof Reflect.get(value, 'then'), 'function')
    assert.equal(Object.hasOwn(value, 'polluted'), false)
  }

  #count(outcome: string): void {
    this.#report.outcomes[outcome] = (this.#report.outcomes[outcome] ?? 0) + 1
  }
}

const isEvent = ({ op }: Reply | Event): boolean => op >= Op.hello && op !== Op.suspended

const isOfContext = ({ op }: Reply | Event): boolean => op === Op.aside || op === Op.evicted

function isFit(task: Task, sent: Reply | Event, random: Random): boolean {
  if (isEvent(sent)) return random.next() < 0.05
  return isAnswer(task.request.op, sent.op) && !(sent.op === Op.suspended && task.state !== 'sent')
}
