import { Op, type Request } from '../wire/protocol.js'

/** Whether a request can be answered by a reply, or followed by an event, of that opcode. */
export function isAnswer(request: Request['op'], op: number): boolean {
  // A question comes on its own descriptor.
  if (op === Op.ask) return false
  switch (request) {
    case Op.evaluate:
    case Op.call:
      return true
    case Op.reset:
    case Op.resume:
    case Op.wake:
      return op !== Op.suspended
    case Op.init:
    case Op.create:
      return op !== Op.suspended && op !== Op.invalid
    case Op.destroy:
      return op === Op.ok || op === Op.invalid || op === Op.timeout
    case Op.inventory:
      return op === Op.ok || op === Op.timeout
    case Op.abandon:
      return false
  }
}
