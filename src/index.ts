export type { ConsoleFunction, ConsoleLine } from './console-sink.js'
export { VmContext } from './context.js'
export {
  type ExitCause,
  type ExitInfo,
  type InvalidReason,
  type Role,
  VmClosedError,
  VmContextExistsError,
  VmDegradedError,
  VmError,
  type VmErrorCode,
  VmInvalidContextError,
  VmMemoryError,
  VmOptionError,
  VmOverloadedError,
  VmProcessError,
  VmScriptError,
  VmSerializationError,
  VmSizeError,
  VmTimeoutError,
} from './errors.js'
export {
  type HostCaller,
  type HostFunction,
  type HostFunctions,
  type SyncFunctionOptions,
  SyncHostFunction,
  syncFunction,
} from './host-functions.js'
export type { LatencyStats } from './latency.js'
export type {
  CallOptions,
  CloseOptions,
  CreateContextOptions,
  EnsureContextOptions,
  EvalOptions,
  HostCallLimits,
  InitSource,
  VmServiceOptions,
} from './options.js'
export type { SandboxMode } from './pool/sandbox.js'
export {
  type ServiceState,
  type SlotStats,
  VmService,
  type VmServiceEvents,
  type VmServiceStats,
} from './service.js'
export type { Features } from './wire/worker-options.js'
