/** How much a line of a context's console matters; `log` and `info` are the same. */
export const CONSOLE_LEVELS = { debug: 0, info: 1, warn: 2, error: 3 } as const
