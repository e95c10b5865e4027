import type { Library, Package } from './table.js'

/** Program text, search, and words. */
export const text: readonly Package[] = [
  {
    name: 'acorn',
    files: ['dist/acorn.js'],
    global: 'acorn',
    use: (acorn) => {
      const source = `import a, { b as c } from 'm'
class A extends a { static #x = 1n; async *gen() { for await (const { y = 2, ...z } of c) yield* z } }
export default (p) => p?.q ?? /(?<n>x)/v.exec(\`t\${p ** 2}\`) // end`
      const comments: unknown[] = []
      const tree = acorn.parse(source, {
        ecmaVersion: 2024,
        sourceType: 'module',
        locations: true,
        onComment: (_block: boolean, comment: string) => comments.push(comment),
      })
      const failures = ['let let = 1', 'a +', '"use strict"; with (a) {}', 'await x'].map((bad) => {
        try {
          return acorn.parse(bad, { ecmaVersion: 5 })
        } catch (error) {
          return [(error as Library).message, (error as Library).pos]
        }
      })
      const Loud = acorn.Parser.extend(
        (Base: Library) =>
          class extends Base {
            parseLiteral(value: unknown) {
              return super.parseLiteral(typeof value === 'string' ? value.toUpperCase() : value)
            }
          },
      )
      return {
        tree: JSON.parse(JSON.stringify(tree, (_key, v) => (typeof v === 'bigint' ? `${v}` : v))),
        comments,
        tokens: [...acorn.tokenizer('x => x + 1', { ecmaVersion: 6 })].map((t) => [
          t.type.label,
          t.start,
          t.end,
        ]),
        expression: acorn.parseExpressionAt('1; a.b[c] + d', 3, { ecmaVersion: 6 }).right.name,
        extended: Loud.parse('"shout"', { ecmaVersion: 6 }).body[0].expression.value,
        failures,
      }
    },
  },
  {
    name: 'esprima',
    files: ['dist/esprima.js'],
    global: 'esprima',
    use: (esprima) => {
      const source = `'use strict'
/* head */ const f = async ({ a, b = [1, ...c] }, ...rest) => { label: while (a--) continue label }
var r = /ab+c/gi, t = tag\`x\${ 1 + 2 }y\`; new (class extends f { static get z() { return super.z } })`
      const kinds: string[] = []
      const tree = esprima.parseScript(
        source,
        { range: true, loc: true, comment: true, tokens: true },
        (node: { type: string }) => {
          kinds.push(node.type)
        },
      )
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
      return {
        tree: plain(tree),
        kinds,
        module: plain(esprima.parseModule('export { x as y }; import * as z from "q"')),
        tokens: esprima.tokenize('if (x > 1) y = `a` + b // c', { comment: true, range: true }),
        jsx: plain(
          esprima.parseScript('<a b="c">{d}</a>', { jsx: true }).body[0].expression.openingElement,
        ),
        tolerated: esprima
          .parseScript('return 1', { tolerant: true })
          .errors.map((e: Error) => e.message),
        failures: ['var 1', 'let a, a', '({a:1'].map((bad) => {
          try {
            return esprima.parseScript(bad).type
          } catch (error) {
            return [
              (error as Library).description,
              (error as Library).lineNumber,
              (error as Library).index,
            ]
          }
        }),
      }
    },
  },
  {
    name: 'fuse.js',
    files: ['dist/fuse.min.cjs'],
    global: 'Fuse',
    commonjs: true,
    use: (Fuse) => {
      const books = [
        { title: "Old Man's War", author: { name: 'John Scalzi' }, tags: ['war', 'space'] },
        { title: 'The Lock Artist', author: { name: 'Steve Hamilton' }, tags: ['crime'] },
        { title: 'HTML5', author: { name: 'Remy Sharp' }, tags: ['web'] },
        { title: 'The Da Vinci Code', author: { name: 'Dan Brown' }, tags: ['crime', 'art'] },
      ]
      const keys = [{ name: 'title', weight: 2 }, 'author.name', 'tags']
      const options = { keys, includeScore: true, includeMatches: true, threshold: 0.4 }
      const fuse = new Fuse(books, options)
      const index = Fuse.createIndex(keys, books)
      const titles = (found: { item: { title: string }; score?: number }[]) =>
        found.map(({ item, score }) => [item.title, score])
      const before = fuse.search('jon scalzy')
      const parsed = titles(
        new Fuse(books, options, Fuse.parseIndex(JSON.parse(JSON.stringify(index)))).search(
          'crime',
        ),
      )
      const extended = new Fuse(books, { ...options, useExtendedSearch: true })
      fuse.add({ title: 'New War', author: { name: 'X' }, tags: [] })
      const removed = fuse.remove(({ title }: { title: string }) => title === 'HTML5').length
      return {
        before: JSON.parse(JSON.stringify(before)),
        parsed,
        extended: ['^The !Lock', "'Man | 5$", '=HTML5'].map((query) =>
          titles(extended.search(query)),
        ),
        logical: titles(
          extended.search({
            $and: [{ title: 'the' }, { $or: [{ tags: 'art' }, { tags: 'web' }] }],
          }),
        ),
        after: titles(fuse.search('war', { limit: 1 })),
        removed,
      }
    },
  },
  {
    name: 'lunr',
    files: ['lunr.min.js'],
    global: 'lunr',
    use: (lunr) => {
      const documents = [
        { id: 1, title: 'Lunr', body: 'Like Solr, but much smaller and not as bright' },
        { id: 2, title: 'Searching', body: 'Scientists were searching the moons of green planets' },
        { id: 3, title: 'Plants', body: 'Green plants need light; a plant in the dark dies' },
      ]
      const index = lunr(function (this: Library) {
        this.ref('id')
        this.field('title', { boost: 10 })
        this.field('body')
        this.metadataWhitelist = ['position']
        for (const doc of documents) this.add(doc)
      })
      const found = (query: string, from = index) =>
        from
          .search(query)
          .map(({ ref, score, matchData }: Library) => [
            ref,
            score,
            JSON.parse(JSON.stringify(matchData.metadata)),
          ])
      return {
        queries: [
          'plant',
          'green -moon',
          '+green +plant',
          'title:search*',
          'lunt~1',
          'scientist^5 light',
        ].map((q) => found(q)),
        loaded: found('moon', lunr.Index.load(JSON.parse(JSON.stringify(index)))),
        built: index
          .query((q: Library) => {
            q.term('gre', { wildcard: lunr.Query.wildcard.TRAILING })
            q.term('dark', { presence: lunr.Query.presence.PROHIBITED })
          })
          .map(({ ref }: Library) => ref),
        stems: ['searching', 'happily', 'nationalization'].map(
          (w) => `${lunr.stemmer(new lunr.Token(w))}`,
        ),
        tokens: lunr.tokenizer('Hello, big-World').map(String),
      }
    },
  },
  {
    name: 'minisearch',
    files: ['dist/umd/index.js'],
    global: 'MiniSearch',
    use: (MiniSearch) => {
      const options = {
        fields: ['title', 'text'],
        storeFields: ['title', 'kind'],
        searchOptions: { boost: { title: 2 } },
      }
      const search = new MiniSearch(options)
      search.addAll([
        { id: 1, title: 'Moby Dick', text: 'Call me Ishmael. Some years ago', kind: 'fiction' },
        { id: 2, title: 'Zen and Motorcycles', text: 'I can see by my watch', kind: 'fiction' },
        { id: 3, title: 'Neuromancer', text: 'The sky above the port was', kind: 'fiction' },
        { id: 4, title: 'Zen and Archery', text: 'At first sight it must seem', kind: 'other' },
      ])
      const plain = (results: object[]) => JSON.parse(JSON.stringify(results))
      const loaded = MiniSearch.loadJSON(JSON.stringify(search), options)
      loaded.remove({ id: 4, title: 'Zen and Archery', text: 'At first sight it must seem' })
      loaded.discard(1)
      return {
        exact: plain(search.search('zen art')),
        prefix: plain(search.search('moto', { prefix: true })),
        fuzzy: plain(search.search('ismael', { fuzzy: 0.2 })),
        filtered: plain(search.search('zen', { filter: (r: Library) => r.kind === 'other' })),
        combined: plain(search.search({ combineWith: 'AND_NOT', queries: ['zen', 'archery'] })),
        suggested: plain(search.autoSuggest('zen ar')),
        loaded: [plain(loaded.search('zen')), loaded.documentCount, loaded.has(1)],
        terms: search.termCount,
      }
    },
  },
  {
    name: 'slugify',
    files: ['slugify.js'],
    global: 'slugify',
    use: (slugify) => {
      slugify.extend({ '☢': 'radioactive' })
      const inputs = [
        'Some String!',
        'déjà-vu  Ñandú',
        'Москва и Київ',
        '10 € & 5 ♥',
        'Straße ÄÖÜ',
        'a_b*c+d~e.f(g)',
        '☢ unicode ☢',
      ]
      const options = [
        {},
        { lower: true, strict: true },
        { replacement: '_', remove: /[*+~.()'"!:@]/g },
        { locale: 'de' },
        { trim: false },
      ]
      return {
        slugs: options.map((o) => inputs.map((input) => slugify(input, o))),
        plain: inputs.map((s) => slugify(s, '.')),
      }
    },
  },
  {
    name: 'pluralize',
    files: ['pluralize.js'],
    global: 'pluralize',
    use: (pluralize) => {
      pluralize.addIrregularRule('irregular', 'regular')
      pluralize.addUncountableRule('paper')
      pluralize.addPluralRule(/gex$/i, 'gexii')
      const words = [
        'house',
        'person',
        'ox',
        'city',
        'Mouse',
        'sheep',
        'analysis',
        'paper',
        'irregular',
        'regex',
        'LEAF',
        'quiz',
      ]
      const plurals = words.map((word) => pluralize(word))
      return {
        plurals,
        singulars: plurals.map((word) => pluralize.singular(word)),
        counted: [0, 1, 2].map((n) => pluralize('goose', n, true)),
        tested: words.map((word) => [pluralize.isPlural(word), pluralize.isSingular(word)]),
      }
    },
  },
]
