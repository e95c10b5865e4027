/** Options and the values that each must refuse, one of every kind of mistake. */
export type BadValues = Readonly<Record<string, readonly unknown[]>>

const infinite = Number.POSITIVE_INFINITY

const notMilliseconds = [-1, -0.001, Number.NaN, 2 ** 31, -infinite, '5', null, {}, true, 5n]
/** Where a budget of nothing makes no sense either. */
export const notBudget: readonly unknown[] = [0, -0, ...notMilliseconds]
/** Where none at all is a choice. */
export const notDelay: readonly unknown[] = notMilliseconds

export const notCount: readonly unknown[] = [-1, 1.5, Number.NaN, infinite, '1', null, {}, 1n]

export const notName: readonly unknown[] = ['', 'x'.repeat(513), 1, null, {}, ['a']]

export const notInit: readonly unknown[] = [
  'source',
  {},
  null,
  ['source'],
  [null],
  [{}],
  [[]],
  [{ source: 1 }],
  [{ source: undefined }],
  [{ source: '', filename: '' }],
  [{ source: '', filename: 1 }],
  [{ source: '', file: 'both' }],
  [{ source: '', fileName: 'misspelt' }],
  [{ file: '' }],
  [{ file: 1 }],
  [{ file: undefined }],
  [{ source: 'good' }, { source: 1 }],
]

/** Every pair of an option and a bad value for it. */
export function* each(options: BadValues): Generator<[name: string, given: object]> {
  for (const [name, values] of Object.entries(options)) {
    for (const value of values) yield [name, { [name]: value }]
  }
}

/** What an options argument itself may not be. */
export const notOptions: readonly unknown[] = [null, 'options', 5, true, [], () => {}]
