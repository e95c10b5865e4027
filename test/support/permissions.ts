/**
 * Flags for a worker that lift Node's permission model, where it has one that the worker is under:
 * for tests of what an owned worker can do without it.
 */
export const LIFTED: readonly string[] = process.allowedNodeEnvironmentFlags.has(
  '--allow-inspector',
)
  ? ['--allow-fs-read=*', '--allow-fs-write=*', '--allow-child-process', '--allow-net'].filter(
      (flag) => process.allowedNodeEnvironmentFlags.has(flag.split('=')[0] as string),
    )
  : []
