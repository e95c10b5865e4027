/** Evaluates an expression at each of the last levels before the stack is full. */
export type StackEnd = (expression: string) => (round: number) => Readonly<Record<number, unknown>>

/** Outcomes kept of one round. */
export const KEPT = 90

/** Self-contained, as text is carried into contexts. */
export function createStackEnd(kept: number): StackEnd {
  const { apply } = Reflect
  const FunctionOf = Function
  const filler = new Array(256).fill(0)

  /** Calls back where about so many bytes of the stack are left. */
  function withStack(left: number, callback: () => void): void {
    let depth = 0
    let end = 0
    // Large frames, so that it takes few.
    function fill(): void {
      depth++
      if (depth === end) callback()
      else apply(fill, undefined, filler)
    }
    try {
      fill()
    } catch {
      // Now it is known how many there are.
    }
    end = depth - left / (filler.length * 8)
    depth = 0
    fill()
  }

  return (expression) => {
    // A part of the function that dives: one of its own would have to be compiled down there, which
    // takes more stack than most of what is tried. Outcomes are kept by bare operators.
    const dive = FunctionOf(
      'outcomes',
      `let level = 0
      let count = 0
      function dive() {
        try { dive() } catch {}
        level++
        if (count === ${kept} || (level > 40 && level % 8 !== 0)) return
        try { outcomes[count] = (${expression}) } catch (error) { outcomes[count] = error }
        count++
      }
      dive()`,
    )
    return (round) => {
      const outcomes = { __proto__: null } as unknown as Record<number, unknown>
      for (let i = 0; i < kept; i++) outcomes[i] = undefined
      // Where code of the host fails may be a matter of bytes: each round starts a bit lower. Code
      // that has yet to be compiled fails higher up: the first does so.
      const args = { __proto__: null, 0: outcomes, length: 2 + round * 5 }
      const left = round === 0 ? 64 * 1024 : 8 * 1024
      withStack(left, () => apply(dive, undefined, args as never))
      return outcomes
    }
  }
}
