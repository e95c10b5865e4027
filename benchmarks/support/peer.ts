/** One way to have `add(a, b)` answered: a file in `peers/` exports its ways as `peers`. */
export interface Peer {
  readonly name: string
  /** What it is, in one line of the report. */
  readonly description: string
  /** What stands between it and this program. A thread shares the fate of this very process. */
  readonly apart: 'process' | 'thread'
  /** Whether it has `mirror`. */
  readonly mirrors?: boolean
  /** Why it can't take part on this machine; undefined when it can. */
  missing?(): string | undefined
  /** Resolves when it answers calls. */
  start(): Promise<RunningPeer>
}

export interface RunningPeer {
  /** Resolves to `a + b`. */
  call(a: number, b: number): Promise<number>
  /** Resolves to a copy of the value, which was there and back: binary data, too. */
  mirror?(value: unknown): Promise<unknown>
  /** Resolves when nothing of it is left running. */
  stop(): Promise<void>
}

/** The peer that ratios are to: the physical limit of a call to another process. */
export const BASELINE = 'echo'

/** What the service itself is called among its peers. */
export const OURS = 'vmring'

/** Makes one call. Throws when the answer is wrong: a fast wrong answer measures nothing. */
export async function callAndCheck(peer: RunningPeer, a: number, b: number): Promise<void> {
  const answer = await peer.call(a, b)
  if (answer !== a + b) throw new Error(`add(${a}, ${b}) was answered with ${answer}`)
}

export interface Contestant extends RunningPeer {
  readonly name: string
}

/** Starts all peers, hands them over, and stops those that started whatever happens. */
export async function withPeers<T>(
  peers: readonly Peer[],
  use: (running: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  const running: Contestant[] = []
  try {
    for (const peer of peers) {
      running.push({ name: peer.name, ...(await peer.start()) })
    }
    return await use(running)
  } finally {
    await Promise.all(running.map((peer) => peer.stop()))
  }
}
