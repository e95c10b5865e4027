import { Calls } from '../../src/calls.js'
import { ContextRecord } from '../../src/directory.js'
import { KeepAlive } from '../../src/keep-alive.js'
import { Marshal } from '../../src/marshal.js'
import { checkServiceOptions } from '../../src/option-checks.js'
import type { Slot } from '../../src/pool/slot.js'
import { Supervisor } from '../../src/supervisor.js'

const options = checkServiceOptions({ processes: 1, spares: 0, sandbox: 'none' })
const ignore = (): void => {}

/** A service without its outermost layer, which hides slots. */
export function newSupervisor(): Supervisor {
  return new Supervisor(options, {
    processStart: ignore,
    processExit: ignore,
    contextLost: ignore,
    contextCollected: ignore,
    degraded: ignore,
    recovered: ignore,
  })
}

/** Requests to a slot's process behind the back of its supervisor. */
export class BackDoor implements Disposable {
  readonly #slot: Slot
  readonly #keepAlive = new KeepAlive()
  readonly #calls = new Calls({
    service: options,
    marshal: new Marshal(options.maxSourceSize, options.memoryLimit),
    keepAlive: this.#keepAlive,
    waiting: () => 0,
    onUnknown: ignore,
    onReset: ignore,
  })

  constructor(supervisor: Supervisor) {
    this.#slot = supervisor.slots()[0] as Slot
  }

  /** Has the process make a context that the supervisor knows nothing of. */
  async plant(number: number): Promise<void> {
    const limits = { timeout: 5000, idleTimeout: Number.POSITIVE_INFINITY }
    const init = {
      id: `planted-${number}`,
      number,
      slot: this.#slot,
      apart: false,
      sources: [],
      functions: [],
      onEnd: undefined,
      ...limits,
    }
    await this.#calls.create(new ContextRecord(init)).done
  }

  /** The numbers of the contexts that the process holds. */
  async inventory(): Promise<readonly number[]> {
    return await this.#calls.inventory(this.#slot)
  }

  [Symbol.dispose](): void {
    this.#keepAlive.end()
  }
}

/** The numbers of the contexts that a slot's process holds, by its own word. */
export async function inventoryOf(slot: Slot): Promise<readonly number[]> {
  const calls = new Calls({
    service: options,
    marshal: new Marshal(options.maxSourceSize, options.memoryLimit),
    keepAlive: new KeepAlive(),
    waiting: () => 0,
    onUnknown: ignore,
    onReset: ignore,
  })
  return await calls.inventory(slot)
}
