import { CodeCache } from './code-cache.js'
import { type NamedFunction, namesOf } from './host-functions.js'
import { MAX_DEPTH, type Marshal } from './marshal.js'
import type { CheckedServiceOptions } from './option-checks.js'
import type { ProcessOptions } from './pool/process-options.js'
import type { Sandbox } from './pool/sandbox.js'
import { inheritedDescriptors } from './pool/spawn-worker.js'
import { loadSources } from './sources.js'
import { Op } from './wire/protocol.js'

/** Of a request's payload beyond its source or arguments, in bytes. */
const PAYLOAD_SLACK = 64 * 1024
/** Timers that a context may have. */
const MAX_TIMERS = 1000

/** What every process of a service is started with. */
export function processOptions(
  service: CheckedServiceOptions,
  functions: readonly NamedFunction[],
  marshal: Marshal,
  sandbox: Sandbox,
): ProcessOptions {
  const { maxSourceSize, hostCalls } = service
  const codeCache = new CodeCache(loadSources(service.init, maxSourceSize), maxSourceSize)
  return {
    execPath: service.execPath,
    execArgv: service.execArgv,
    sandbox,
    inherited: inheritedDescriptors(),
    worker: {
      memoryLimit: service.memoryLimit,
      maxDepth: MAX_DEPTH,
      maxNodes: maxSourceSize,
      // Start-up sources come with what they were compiled to.
      maxPayload: 2 * maxSourceSize + PAYLOAD_SLACK,
      maxResult: maxSourceSize,
      features: service.features,
      host: {
        functions: namesOf(functions),
        maxPending: hostCalls.maxPending,
        countsTime: hostCalls.countTime,
        timers: service.timers,
        console: service.console !== 'ignore',
        maxTimers: MAX_TIMERS,
      },
    },
    init: (budget) => codeCache.request(budget),
    startTimeout: service.startTimeout,
    initTimeout: service.timeout,
    killGrace: service.killGrace,
    onInit: (reply, budget) => {
      marshal.check(reply, budget)
      if (reply.op !== Op.ok || !codeCache.isOpen) return
      codeCache.learn(marshal.value(reply.value, 'code'))
    },
    logger: service.logger,
  }
}
