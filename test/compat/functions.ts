import type { Library, Package } from './table.js'

/** Functions over collections. */
export const functions: readonly Package[] = [
  {
    name: 'lodash',
    files: ['lodash.min.js'],
    global: '_',
    use: (_) => {
      const users = [
        { name: 'ada', age: 36, tags: ['math', 'code'], address: { city: 'London' } },
        { name: 'bob', age: 25, tags: ['code'] },
        { name: 'cyd', age: 36, tags: [] },
      ]
      const source = {
        a: [{ b: new Date(0) }],
        m: new Map([[1, new Set([2])]]),
        r: /x/gi,
        t: new Uint8Array(2),
      }
      const copy = _.cloneDeep(source)
      let calls = 0
      const once = _.memoize((n: number) => n * ++calls)
      return {
        chained: _.chain(users)
          .filter({ age: 36 })
          .flatMap('tags')
          .uniq()
          .map(_.capitalize)
          .value(),
        grouped: _.mapValues(_.groupBy(users, 'age'), (list: object[]) => _.map(list, 'name')),
        ordered: _.map(_.orderBy(users, ['age', 'name'], ['desc', 'asc']), 'name'),
        paths: [
          _.get(users, '[0].address.city'),
          _.set({}, 'a[0].b', 1),
          _.has(users, '0.tags[1]'),
          _.at(users[0], 'name', 'tags[0]'),
        ],
        merged: _.mergeWith(
          { a: [1], b: { c: 1 } },
          { a: [2], b: { d: 2 } },
          (x: unknown, y: unknown) => (_.isArray(x) ? _.concat(x, y) : undefined),
        ),
        cloned: [copy, _.isEqual(copy, source), copy.m === source.m],
        lazy: _(_.range(1000))
          .map((n: number) => n * n)
          .filter((n: number) => n % 2)
          .take(3)
          .value(),
        text: [
          _.camelCase('Foo bar-baz'),
          _.kebabCase('fooBar'),
          _.words('déjà vu, 2x'),
          _.truncate('a long sentence', { length: 8 }),
          _.deburr('Ångström'),
        ],
        template: _.template('<% _.each(xs, (x) => { %><li><%- x %></li><% }) %><%= n %>')({
          xs: ['<'],
          n: 1,
        }),
        functions: [
          _.curry((a: number, b: number) => a - b)(_, 2)(5),
          _.flow([Math.abs, _.partial(_.add, 1)])(-3),
          once(2) + once(2),
        ],
        arrays: [
          _.chunk([1, 2, 3], 2),
          _.zipObject(['a'], [1]),
          _.xor([1, 2], [2, 3]),
          _.sortedIndex([1, 5], 3),
          _.sumBy(users, 'age'),
        ],
      }
    },
  },
  {
    name: 'underscore',
    files: ['underscore-umd-min.js'],
    global: '_',
    use: (_) => {
      const rows = [
        { id: 1, kind: 'a', n: 3 },
        { id: 2, kind: 'b', n: 1 },
        { id: 3, kind: 'a', n: 2 },
      ]
      _.mixin({ shout: (text: string) => `${text.toUpperCase()}!` })
      return {
        chained: _.chain(rows).where({ kind: 'a' }).sortBy('n').pluck('id').value(),
        grouped: [
          _.countBy(rows, 'kind'),
          _.indexBy(rows, 'id'),
          _.partition(rows, (row: Library) => row.n > 1),
        ],
        arrays: [
          _.flatten([1, [2, [3]]], true),
          _.union([1], [1, 2]),
          _.zip('ab', 'cd'),
          _.chunk([1, 2, 3], 2),
          _.sortedIndex([1, 3], 2),
        ],
        objects: [
          _.pick(rows[0], 'id', 'n'),
          _.omit(rows[0], 'n'),
          _.invert({ a: 'b' }),
          _.defaults({ a: 1 }, { a: 2, b: 3 }),
          _.pairs({ x: 1 }),
        ],
        equal: [
          _.isEqual({ a: [new Date(0), /x/] }, { a: [new Date(0), /x/] }),
          _.isEqual(new Map([[1, {}]]), new Map([[1, {}]])),
        ],
        template: _.template('<% for (const r of rows) { %><%= r.id %>:<%- r.kind %>;<% } %>')({
          rows,
        }),
        functions: [
          _.compose(Math.sqrt, Math.abs)(-16),
          _.partial(Math.pow, _, 2)(5),
          _.memoize((n: number) => n + 1)(1),
          _.shout('x'),
        ],
        reduced: [
          _.reduceRight([1, 2, 3], (a: string, b: number) => a + b, ''),
          _.max(rows, 'n'),
          _.find(rows, _.matcher({ n: 2 })),
        ],
        escaped: [
          _.escape('<&">'),
          _.unescape('&lt;'),
          _.result({ f: () => 7 }, 'f'),
          _.range(10, 0, -3),
        ],
      }
    },
  },
  {
    name: 'ramda',
    files: ['dist/ramda.min.js'],
    global: 'R',
    use: (R) => {
      const people = [
        { name: 'Ada', born: 1815, langs: ['en', 'fr'] },
        { name: 'Emmy', born: 1882, langs: ['de'] },
        { name: 'Grace', born: 1906, langs: ['en'] },
      ]
      const langs = R.lensProp('langs')
      const first = R.lensPath([0, 'born'])
      return {
        piped: R.pipe(
          R.filter(R.propSatisfies(R.lt(R.__, 1900), 'born')),
          R.pluck('name'),
          R.join(', '),
        )(people),
        grouped: R.groupBy((p: Library) => (p.born < 1900 ? 'old' : 'new'), people),
        lenses: [
          R.view(first, people),
          R.over(langs, R.map(R.toUpper), people[0]),
          R.set(first, 0, people)[0].born,
        ],
        transduced: R.transduce(
          R.compose(R.map(R.multiply(3)), R.filter(R.gt(20)), R.take(3)),
          R.flip(R.append),
          [],
          R.range(1, 99),
        ),
        sorted: R.sortWith([R.ascend(R.path(['langs', 'length'])), R.descend(R.prop('born'))])(
          people,
        ).map(R.prop('name')),
        evolved: R.evolve({ born: R.inc, langs: R.length })(people[0]),
        branches: R.map(
          R.cond([
            [R.equals(0), R.always('zero')],
            [R.is(String), R.toUpper],
            [R.T, String],
          ]),
          [0, 'x', 5],
        ),
        curried: [
          R.curry((a: number, b: number, c: number) => a + b * c)(1)(2, 3),
          R.converge(R.divide, [R.sum, R.length])([1, 2, 6]),
        ],
        objects: [
          R.mergeDeepRight({ a: { b: 1 } }, { a: { c: 2 } }),
          R.toPairs({ a: 1 }),
          R.pathOr('?', ['x', 'y'], {}),
          R.assocPath(['a', 0], 1, {}),
        ],
        lists: [
          R.splitEvery(2, [1, 2, 3]),
          R.aperture(2, [1, 2, 3]),
          R.transpose([
            [1, 2],
            [3, 4],
          ]),
          R.scan(R.add, 0, [1, 2]),
          R.uniqBy(Math.abs, [1, -1]),
        ],
        equal: [
          R.equals({ a: [1, new Date(5)] }, { a: [1, new Date(5)] }),
          R.whereEq({ born: 1815 }, people[0]),
        ],
      }
    },
  },
]
