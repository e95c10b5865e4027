import { Channel } from '../../src/pool/channel.js'
import { CallbackTask, type Task } from '../../src/pool/task.js'
import { type FrameError, FrameWriter } from '../../src/wire/framing.js'
import {
  type Event,
  Op,
  PROTOCOL_VERSION,
  type Reply,
  type Request,
} from '../../src/wire/protocol.js'
import { writeReply } from '../../src/wire/replies.js'
import { bytesOf } from './frames.js'

export const MAX_PAYLOAD = 1024 * 1024

/** What a process would send. */
export function frame(call: number, context: number, message: Reply | Event): Buffer {
  const out = new FrameWriter()
  writeReply(out, call, context, message)
  return bytesOf(out)
}

export const HELLO = frame(0, 0, { op: Op.hello, version: PROTOCOL_VERSION, pid: 1 })

/** A channel to no process: what comes is handed in by `receive`, and time is the test's. */
export class TestChannel {
  time = 0
  /** Why it is broken. */
  error: FrameError | undefined
  readonly evicted: number[] = []
  readonly #flushes: (() => void)[] = []
  readonly channel = new Channel({
    write() {},
    defer: (fn) => void this.#flushes.push(fn),
    now: () => this.time,
    maxPayload: MAX_PAYLOAD,
    onSent() {},
    onSuspended() {},
    onHello() {},
    onEvicted: (context) => void this.evicted.push(context),
    onAside() {},
    onMail() {},
    onPressure() {},
    onRoom() {},
    onBroken: (error) => {
      if (this.error) throw new Error('broken twice')
      this.error = error
    },
  })

  /** `onReply` may also be called for a task that was settled before. */
  send(request: Request, context: number, onReply: (reply: Reply) => void = () => {}): Task {
    const task = new CallbackTask(context, request, { onReply, onFailure() {}, onLate: onReply })
    this.channel.send(task)
    return task
  }

  /** Has the requests so far leave. */
  flush(): void {
    for (const flush of this.#flushes.splice(0)) flush()
  }

  receive(...chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.channel.receive(chunk)
  }
}
