import type { Library, Package } from './table.js'

/** Data that is changed, merged and compared. */
export const data: readonly Package[] = [
  {
    name: 'immutable',
    files: ['dist/immutable.min.js'],
    global: 'Immutable',
    use: ({
      List,
      Map: IMap,
      Set: ISet,
      OrderedMap,
      Record,
      Range,
      Seq,
      Stack,
      fromJS,
      is,
      merge,
    }) => {
      const state = fromJS({ user: { name: 'ada', roles: ['admin'] }, hits: [1, 2, 3] })
      const next = state
        .updateIn(['hits'], (hits: Library) => hits.push(4))
        .setIn(['user', 'name'], 'bob')
      const Point = Record({ x: 0, y: 0 }, 'Point')
      const big = Range(0, 5000).toList()
      return {
        old: state.toJS(),
        next: next.toJS(),
        shared: state.getIn(['user', 'roles']) === next.getIn(['user', 'roles']),
        equal: [
          is(fromJS({ a: [1] }), fromJS({ a: [1] })),
          IMap([[List([1]), 'x']]).get(List([1])),
          List([1, 2]).hashCode() === Range(1, 3).toList().hashCode(),
        ],
        record: [
          new Point({ x: 3 }).set('y', 4).toJS(),
          new Point().toString(),
          Record.getDescriptiveName(new Point()),
        ],
        lazy: Seq(big)
          .map((n: number) => n * n)
          .filter((n: number) => n % 7 === 1)
          .take(5)
          .toArray(),
        grouped: big
          .groupBy((n: number) => n % 3)
          .map((list: Library) => list.reduce((a: number, b: number) => a + b, 0))
          .toJS(),
        ordered: OrderedMap({ b: 1, a: 2 })
          .sortBy((v: number) => -v)
          .entrySeq()
          .toJS(),
        sets: [
          ISet([1, 2, 3]).intersect([2, 3, 9]).toArray(),
          ISet.of('a', 'b').isSubset(['a', 'b', 'c']),
          Stack.of(1, 2).push(0).toArray(),
        ],
        batched: big
          .reduce((m: Library, n: number) => m.set(`k${n}`, n), IMap().asMutable())
          .asImmutable().size,
        merged: [
          merge({ a: 1 }, { b: 2 }),
          IMap({ a: IMap({ b: 1 }) })
            .mergeDeep({ a: { c: 2 } })
            .toJS(),
        ],
        text: `${List.of(1, IMap({ a: 'b' }))}`,
      }
    },
  },
  {
    name: 'immer',
    files: ['dist/cjs/immer.cjs.production.js'],
    global: 'immer',
    commonjs: true,
    use: (immer) => {
      immer.enableMapSet()
      immer.enablePatches()
      const base = {
        todos: [
          { id: 1, done: false },
          { id: 2, done: true },
        ],
        tags: new Map([['a', new Set([1])]]),
        other: {},
      }
      const [next, patches, inverse] = immer.produceWithPatches(base, (draft: typeof base) => {
        draft.todos.push({ id: 3, done: false })
        for (const todo of draft.todos) todo.done = !todo.done
        draft.tags.get('a')?.add(2)
        draft.tags.set('b', new Set())
      })
      const curried = immer.produce((draft: { n: number }, by: number) => {
        draft.n += by
      })
      let message = ''
      try {
        immer.produce(base, (draft: Library) => {
          draft.other = 1
          return 2
        })
      } catch (error) {
        message = (error as Error).message
      }
      return {
        base,
        next,
        patches,
        inverse,
        undone: immer.applyPatches(next, inverse),
        shared: [
          next.other === base.other,
          next.todos === base.todos,
          immer.produce(base, () => {}) === base,
        ],
        frozen: [Object.isFrozen(next.todos), Object.isFrozen(next.todos[0])],
        curried: [curried({ n: 1 }, 5), immer.produce({ a: 1 }, () => immer.nothing) === undefined],
        current: immer.produce({ a: [1], seen: 0 }, (d: Library) => {
          d.a.unshift(0)
          d.seen = immer.current(d).a.length + immer.original(d).a.length
        }),
        message,
      }
    },
  },
  {
    name: 'deepmerge',
    files: ['dist/cjs.js'],
    global: 'deepmerge',
    commonjs: true,
    use: (deepmerge) => {
      const a = { list: [1, { x: 1 }], deep: { a: { b: 1 } }, when: new Date(0), keep: null }
      const b = { list: [{ y: 2 }], deep: { a: { c: 2 }, d: [3] }, when: new Date(1) }
      return {
        merged: deepmerge(a, b),
        overwritten: deepmerge(a, b, {
          arrayMerge: (_target: unknown[], source: unknown[]) => source,
        }),
        custom: deepmerge(a, b, {
          customMerge: (key: string) =>
            key === 'list' ? (x: unknown[], y: unknown[]) => x.length + y.length : undefined,
        }),
        all: deepmerge.all([{ a: 1 }, { b: { c: 2 } }, { b: { d: [3] } }]),
        shallow: deepmerge({}, { o: a }, { clone: false }).o === a,
        mergeable: deepmerge({ d: { a: 1 } }, { d: new Map([[1, 2]]) }),
        untouched: [a, b],
      }
    },
  },
  {
    name: 'fast-json-patch',
    files: ['dist/fast-json-patch.min.js'],
    global: 'jsonpatch',
    use: (jsonpatch) => {
      const doc = { name: 'a', list: [1, 2, 3], nested: { 'x/y': { '~z': 1 } } }
      const changed = { name: 'b', list: [1, 3], nested: { 'x/y': { '~z': 2 } }, added: true }
      const patch = jsonpatch.compare(doc, changed)
      const observed = jsonpatch.deepClone(doc)
      const observer = jsonpatch.observe(observed)
      observed.list.push(4)
      observed.name = undefined
      const bad = jsonpatch.validate([{ op: 'replace', path: '/nope/1', value: 1 }], doc)
      return {
        patch,
        applied: jsonpatch.applyPatch(jsonpatch.deepClone(doc), patch).newDocument,
        operations: jsonpatch.applyPatch(jsonpatch.deepClone(doc), [
          { op: 'test', path: '/list/0', value: 1 },
          { op: 'move', from: '/name', path: '/nested/name' },
          { op: 'copy', from: '/list/1', path: '/list/-' },
          { op: 'remove', path: '/nested/x~1y/~0z' },
        ]).newDocument,
        reduced: patch.reduce(jsonpatch.applyReducer, jsonpatch.deepClone(doc)),
        value: jsonpatch.getValueByPointer(doc, '/nested/x~1y/~0z'),
        observed: jsonpatch.generate(observer),
        invertible: jsonpatch.compare(doc, changed, true),
        escaped: jsonpatch.escapePathComponent('a/b~c'),
        bad: [bad.name, bad.index],
        doc,
      }
    },
  },
  {
    name: 'diff',
    files: ['dist/diff.min.js'],
    global: 'Diff',
    use: (Diff) => {
      const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n'
      const after = 'one\n2\nthree\nfour\nfive\nsix\nseven\nate\nnine'
      const patch = Diff.createPatch('f.txt', before, after, 'v1', 'v2', { context: 1 })
      const merged = Diff.applyPatch(before.replace('four', 'FOUR'), patch, { fuzzFactor: 1 })
      return {
        chars: Diff.diffChars('kitten', 'sitting'),
        words: Diff.diffWords('the quick, brown fox', 'the slow brown dog'),
        lines: Diff.diffLines(before, after),
        trimmed: Diff.diffTrimmedLines('  a\nb', 'a\nc'),
        sentences: Diff.diffSentences('A b. C d.', 'A b. X d.'),
        css: Diff.diffCss('a{b:c}', 'a{b:d}'),
        json: Diff.diffJson({ b: 1, a: [1, 2] }, { a: [1, 3], b: 1 }),
        arrays: Diff.diffArrays([1, 2, 3], [1, 3, 4]),
        patch,
        applied: Diff.applyPatch(before, patch) === after,
        reverted: Diff.applyPatch(after, Diff.reversePatch(Diff.parsePatch(patch))) === before,
        merged,
        parsed: Diff.parsePatch(patch),
        xml: Diff.convertChangesToXML(Diff.diffWords('a b', 'a c')),
      }
    },
  },
]
