import type { Package } from './table.js'

/** Languages that become HTML, and HTML itself. */
export const markup: readonly Package[] = [
  {
    name: 'marked',
    files: ['lib/marked.umd.js'],
    global: 'marked',
    use: ({ Marked }) => {
      const text = `# A *title*\n\n- [x] done\n- [ ] open\n\n| a | b |\n|:--|--:|\n| 1 | \`2\` |\n
> quote **bold** ~~gone~~ <https://example.org>\n\n\`\`\`js\nif (a < b) {}\n\`\`\`\n
1. one\n   1. nested\n\n[link](/x "t") ![img](y.png)\n\n[ref]: /z\n[ref] & <i>html</i>`
      const custom = new Marked({ gfm: true, breaks: true })
      custom.use({
        renderer: {
          heading: ({ depth, text: t }: { depth: number; text: string }) => `${depth}:${t}\n`,
        },
        extensions: [
          {
            name: 'mention',
            level: 'inline',
            start: (src: string) => src.indexOf('@'),
            tokenizer: (src: string) => {
              const match = /^@(\w+)/.exec(src)
              return match ? { type: 'mention', raw: match[0], user: match[1] } : undefined
            },
            renderer: (token: { user: string }) => `<u>${token.user}</u>`,
          },
        ],
      })
      return {
        html: new Marked().parse(text),
        custom: custom.parse('## Hi\nhello @ada\nbye'),
        inline: new Marked().parseInline('a **b** `c<d`'),
        tokens: new Marked()
          .lexer('# a\n\nb')
          .map((t: { type: string; raw: string }) => [t.type, t.raw]),
      }
    },
  },
  {
    name: 'markdown-it',
    files: ['dist/browser/markdown-it.umd.min.js'],
    global: 'markdownit',
    use: (markdownit) => {
      const text = `Title\n=====\n\n* a\n  * b\n\n~~~ js\nx && y\n~~~\n\n| h |\n|---|\n| ~~c~~ |
\n"quoted" -- (c) ... www.example.org <b>raw</b>\n\n![i](a.png 'T') [l][r]\n\n[r]: <http://ex.org/ä?b=c>`
      const rich = markdownit({ html: true, linkify: true, typographer: true, breaks: true })
      rich.renderer.rules.strong_open = () => '<b class="x">'
      rich.inline.ruler.before('emphasis', 'smile', (state: { src: string; pos: number }) => {
        if (!state.src.startsWith(':)', state.pos)) return false
        state.pos += 2
        return true
      })
      const shape = (t: { type: string; tag: string; nesting: number }) => [
        t.type,
        t.tag,
        t.nesting,
      ]
      return {
        plain: markdownit().render(text),
        rich: rich.render(`${text}\n\n**b** :)`),
        common: markdownit('commonmark').render('a | b\n--|--\n1 | 2\n\n**x**'),
        inline: rich.renderInline('a `b` <https://a.b>'),
        tokens: rich.parse('# a\n\n1. b', {}).map(shape),
        highlighted: markdownit({ highlight: (s: string, l: string) => `${l}:${s.length}` }).render(
          text,
        ),
        links: rich.linkify
          .match('see example.com and a@b.org')
          ?.map(({ url }: { url: string }) => url),
      }
    },
  },
  {
    name: 'prismjs',
    files: ['prism.js', 'components/prism-json.min.js', 'components/prism-sql.min.js'],
    global: 'Prism',
    use: (Prism) => {
      const { languages } = Prism
      languages.calc = {
        number: /\d+/,
        operator: /[-+*/]/,
        group: { pattern: /\([^()]*\)/, inside: null },
      }
      languages.calc.group.inside = languages.calc
      const code =
        'class A extends B { #x = /a+/g; get y() { return `t` + (this.#x ?? 1) } } // end'
      const names = (tokens: ({ type: string } | string)[]) =>
        tokens.map((t) => (typeof t === 'string' ? t.trim() : t.type))
      return {
        js: Prism.highlight(code, languages.javascript, 'javascript'),
        html: Prism.highlight(
          '<a href="x" onclick="f(1)">&amp;</a><style>p{color:red}</style>',
          languages.html,
          'html',
        ),
        css: Prism.highlight(
          '@media (min-width:1px) { a:hover::after { content: "x" !important } }',
          languages.css,
          'css',
        ),
        json: names(Prism.tokenize('{"a": [1, true, null, "s"]}', languages.json)),
        sql: Prism.highlight("SELECT count(*) FROM t WHERE a <> 'x' -- c", languages.sql, 'sql'),
        calc: Prism.highlight('1 + (2 * 3)', languages.calc, 'calc'),
        known: Object.keys(languages).sort(),
      }
    },
  },
  {
    name: 'he',
    files: ['he.js'],
    global: 'he',
    use: (he) => {
      const sample = 'foo © bar ≠ baz 𝌆 qux <a href="x">\'`'
      return {
        encoded: [
          {},
          { useNamedReferences: true },
          { decimal: true },
          { encodeEverything: true },
          { allowUnsafeSymbols: true },
        ].map((o) => he.encode(sample, o)),
        decoded: [
          '&copy;&notin;&#x1D306;&#119558;',
          '&ampamp; &lt',
          'a&para=1&notit;',
          '&#x80;&#xD800;',
        ].map((s) => he.decode(s)),
        attribute: he.decode('foo&ampbar&amp;baz', { isAttributeValue: true }),
        escaped: he.escape(sample),
        round: he.decode(he.encode(sample)) === sample,
        strict: ['&ampamp;', 'a&foo', '&#x110000;'].map((s) => {
          try {
            return he.decode(s, { strict: true })
          } catch (error) {
            return (error as Error).message
          }
        }),
      }
    },
  },
]
