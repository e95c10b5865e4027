/** Of Node's permission model: what a thread needs until it has begun, and no longer. */
const AT_FIRST = ['net', 'worker', 'inspector']

/**
 * Gives up what this thread was allowed for its beginning, for good: to take the sockets it was given, and to start
 * the watchdog and connect it. Node can since 26.3.1, and by 24.21; before that, or without its permission model, all stays.
 */
export function dropPermissions(): void {
  const { permission } = process as { permission?: { drop?(scope: string): void } }
  for (const scope of AT_FIRST) permission?.drop?.(scope)
}
