/**
 * What an async function would make of it, for one promise less: with thousands of calls waiting, what
 * each takes is what the collector has to move.
 */
export function promised<T>(run: () => Promise<unknown>): Promise<T> {
  try {
    return run() as Promise<T>
  } catch (error) {
    return Promise.reject(error)
  }
}
