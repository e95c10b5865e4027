import type { Package } from './table.js'

/** Templates. */
export const templates: readonly Package[] = [
  {
    name: 'handlebars',
    files: ['dist/handlebars.min.js'],
    global: 'Handlebars',
    use: (Handlebars) => {
      const own = Handlebars.create()
      own.registerHelper('upper', (text: string) => text.toUpperCase())
      own.registerHelper('times', (n: number, options: { fn: (i: number) => string }) =>
        Array.from({ length: n }, (_, i) => options.fn(i)).join(''),
      )
      own.registerPartial('row', '<tr><td>{{name}}</td><td>{{../unit}}{{price}}</td></tr>\n')
      const render = own.compile(
        '<h1>{{upper title}}</h1>\n{{#each items}}{{> row}}{{else}}none{{/each}}' +
          '{{#if (lookup this "raw")}}{{{raw}}}{{/if}}{{#times 3}}<{{this}}>{{/times}}' +
          '{{#with owner as |who|}}{{who.name}} {{@root.unit}}{{/with}}',
      )
      let refused = ''
      try {
        own.compile('{{#if a}}')({})
      } catch (error) {
        refused = (error as Error).message
      }
      return {
        full: render({
          title: 'a <b>',
          unit: '€',
          raw: '<hr>',
          owner: { name: 'Ada' },
          items: [
            { name: 'tea & milk', price: 2.5 },
            { name: '"cake"', price: 4 },
          ],
        }),
        empty: render({ title: '', items: [] }),
        precompiled: own.precompile('Hello {{name}}').includes('lookupProperty'),
        types: own.parse('a {{b.c d=1}}').body.map((node: { type: string }) => node.type),
        escaped: own.escapeExpression('<a href="x">\'`='),
        refused,
      }
    },
  },
  {
    name: 'mustache',
    files: ['mustache.js'],
    global: 'Mustache',
    use: (Mustache) => {
      const view = {
        name: 'Ada & Co',
        items: [
          { sku: 'a', n: 1 },
          { sku: 'b', n: 0 },
        ],
        empty: [],
        bold: () => (text: string, render: (text: string) => string) => `<b>${render(text)}</b>`,
        total() {
          return this.items.reduce((sum, { n }) => sum + n, 0)
        },
      }
      const template =
        '{{name}} {{{name}}} {{&name}}\n{{#items}}\n- {{sku}}: {{n}}\n{{/items}}\n' +
        '{{^empty}}nothing{{/empty}} {{#bold}}sum {{total}}{{/bold}} {{> foot}}{{! comment }}' +
        '{{=<% %>=}}<% name %>'
      return {
        text: Mustache.render(template, view, {
          foot: 'by {{name}}; {{#items}}{{sku}},{{/items}}',
        }),
        tags: Mustache.render('[[name]]{{name}}', view, undefined, ['[[', ']]']),
        raw: Mustache.render('{{name}}', view, {}, { escape: (text: string) => text }),
        tokens: Mustache.parse('a {{#b}}{{c}}{{/b}} {{{d}}}'),
        escaped: Mustache.escape('<x a="b/c">\'='),
        version: Mustache.version,
      }
    },
  },
  {
    name: 'ejs',
    files: ['ejs.min.js'],
    global: 'ejs',
    use: async (ejs) => {
      const data = { user: { name: '<Ada>' }, list: [3, 1, 2] }
      const template = `<% const sorted = [...list].sort() -%>
<h1><%= user.name %></h1><%- user.name %>
<%_ for (const n of sorted) { _%>
  <li><%= n %></li>
<%_ } _%>
<%# a comment %><%% literal %>`
      const strict = ejs.compile('<%= it.list.join() %>', { strict: true, localsName: 'it' })
      let message = ''
      try {
        ejs.render('one\n<%= nobody.name %>', data, { filename: 'page.ejs' })
      } catch (error) {
        message = (error as Error).message
      }
      return {
        text: ejs.render(template, data),
        strict: strict(data),
        custom: ejs.render('<?= list.length ?>', data, { delimiter: '?' }),
        later: await ejs.render('<%= await late %>', { late: Promise.resolve(7) }, { async: true }),
        included: ejs.render('<%- include("part", { n: 2 }) %>!', data, {
          includer: (path: string) => ({ template: `${path} <%= n * list.length %>` }),
        }),
        escaped: ejs.escapeXML(`<a b='c' d="e">&`),
        message,
      }
    },
  },
  {
    name: 'nunjucks',
    files: ['browser/nunjucks.min.js'],
    global: 'nunjucks',
    use: (nunjucks) => {
      const pages: Record<string, string> = {
        'base.html':
          '<title>{% block title %}x{% endblock %}</title>{% block body %}{% endblock %}',
        'page.html':
          '{% extends "base.html" %}{% from "macros.html" import field %}' +
          '{% block title %}{{ super() }}: {{ title | upper }}{% endblock %}' +
          '{% block body %}{% for u in users | sort(false, false, "name") %}' +
          '{{ loop.index }}.{{ u.name | escape }} {{ field(u.name) }}{% else %}none{% endfor %}' +
          '{% set n = users | length %}{{ "many" if n > 1 else "few" }} {{ n ** 3 // 2 }}' +
          '{{ when | shout }}{% endblock %}',
        'macros.html': '{% macro field(name, type="text") %}<{{ type }}:{{ name }}>{% endmacro %}',
      }
      const Loader = nunjucks.Loader.extend({
        getSource: (name: string) => ({ src: pages[name], path: name, noCache: false }),
      })
      const env = new nunjucks.Environment(new Loader(), { autoescape: true })
      env.addFilter('shout', (text: string) => `${text}!`)
      const users = [{ name: 'Zoe' }, { name: '<Bob>' }]
      let message = ''
      try {
        env.renderString('{% if x %}', {})
      } catch (error) {
        message = (error as Error).message
      }
      return {
        page: env.render('page.html', { title: 'Users', users, when: 'now' }),
        none: env.render('page.html', { title: '', users: [] }),
        grouped: env.renderString(
          '{% for k, v in xs | groupby("t") %}{{ k }}={{ v | join("+", "n") }};{% endfor %}',
          {
            xs: [
              { t: 'a', n: 1 },
              { t: 'b', n: 2 },
              { t: 'a', n: 3 },
            ],
          },
        ),
        filters: env.renderString(
          '{{ " a b " | trim | title }} {{ "abc" | reverse }} {{ 3.456 | round(1) }} ' +
            '{{ [3,1] | sort | dump | safe }} {{ "a b" | urlencode }} {{ x | default("d") }}',
          {},
        ),
        message,
      }
    },
  },
  {
    name: 'liquidjs',
    files: ['dist/liquid.browser.min.js'],
    global: 'liquidjs',
    use: async ({ Liquid }) => {
      const engine = new Liquid({
        templates: {
          card: '<{{ name }}:{{ size | default: "m" }}>',
          base: 'A{% block b %}{% endblock %}Z',
        },
      })
      engine.registerFilter('double', (n: number) => n * 2)
      const products = [
        { title: 'Tea', price: 250, tags: ['hot', 'leaf'] },
        { title: 'Ice', price: 120, tags: [] },
        { title: 'Pie', price: 400, tags: ['hot'] },
      ]
      const source = `{% assign cheap = products | where_exp: "p", "p.price < 300" | sort: "price" %}
{%- for p in cheap limit: 2 %}{{ forloop.index }}/{{ forloop.length }} {{ p.title | upcase }}
{%- unless p.tags == empty %} [{{ p.tags | join: ", " }}]{% endunless %};{% endfor %}
{% case cheap.size %}{% when 2 %}two{% else %}other{% endcase %}
{% capture total %}{{ products | map: "price" | sum | divided_by: 100.0 | double }}{% endcapture %}
{{- total }} {% render "card", name: "x" %}{% tablerow p in products cols: 2 %}{{ p.title }}{% endtablerow %}`
      return {
        text: await engine.parseAndRender(source, { products }),
        layout: await engine.parseAndRender('{% layout "base" %}{% block b %}-{% endblock %}'),
        sync: engine.parseAndRenderSync('{{ "a-b" | split: "-" | reverse | first | append: "!" }}'),
        date: engine.parseAndRenderSync('{{ 0 | date: "%Y-%m-%d", 0 }} {{ "<b>" | escape }}'),
        value: await engine.evalValue('products | map: "title"', { products }),
        failed: await engine.parseAndRender('{% nope %}').catch((e: Error) => [e.name, e.message]),
      }
    },
  },
]
