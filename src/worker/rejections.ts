import { createRequire } from 'node:module'

/**
 * Has Node take no notice of rejected promises: a script's are the script's own affair, and the
 * worker itself makes none.
 *
 * Node keeps a list of rejections, works it off after the turn, when no deadline is kept (50 000 of
 * them took seconds on Node 20), and drops a termination that hits the callback which fills it, so
 * that a loop which rejects promises went on past its deadline. Only Node's internals
 * (`--expose-internals`) reach that callback; a built-in function in its place can't be interrupted.
 */
export function ignoreRejections(): void {
  try {
    const { internalBinding } = createRequire(import.meta.url)('internal/test/binding')
    internalBinding('task_queue').setPromiseRejectCallback(Function.prototype)
  } catch {
    // Not a Node that is known: deadlines may cost processes, but rejections must not.
    process.on('unhandledRejection', () => {})
  }
}
