import type { Library, Package } from './table.js'

/** Queries, rules and checks. */
export const rules: readonly Package[] = [
  {
    name: 'jmespath',
    files: ['jmespath.js'],
    global: 'jmespath',
    use: ({ search, tokenize, compile }) => {
      const data = {
        people: [
          { name: 'ada', age: 36, state: { name: 'up' } },
          { name: 'bob', age: 25, state: { name: 'down' } },
          { name: 'cyd', age: 17 },
        ],
        ops: { a: { n: 1 }, b: { n: 2 }, c: { x: 3 } },
        nested: [[1, 2], [3, [4]], 5],
      }
      const queries = [
        'people[?age > `20`].{n: name, s: state.name}',
        'people[*].state.name | sort(@) | join(`", "`, @)',
        'max_by(people, &age).name',
        'ops.*.n',
        'nested[]',
        'people[-1:]',
        'people[::-1].name',
        'sort_by(people, &age)[0].name',
        'length(people[?contains(name, `"d"`)])',
        'merge(ops.a, ops.c)',
        'people[?state == null || age < `30`].name',
        'map(&to_string(age), people)',
      ]
      let message = ''
      try {
        search(data, 'abs(people)')
      } catch (error) {
        message = (error as Error).message
      }
      return {
        results: queries.map((query) => search(data, query)),
        tokens: tokenize('a.b[?c==`1`]'),
        tree: compile('a.b | [0]'),
        message,
      }
    },
  },
  {
    name: 'jsonata',
    files: ['jsonata.min.js'],
    global: 'jsonata',
    use: async (jsonata) => {
      const order = {
        id: 'o-1',
        items: [
          { sku: 'a', price: 2.5, n: 4, tags: ['x', 'y'] },
          { sku: 'b', price: 10, n: 1, tags: [] },
          { sku: 'c', price: 1.25, n: 8, tags: ['x'] },
        ],
      }
      const queries = [
        '$sum(items.(price * n))',
        'items[price > 2].sku',
        'items{sku: $round(price * n, 1)}',
        'items^(>price, sku).sku',
        '$map(items, function($i, $x) { $x & ":" & $i.sku })',
        'items[tags[$ = "x"]].{"sku": sku, "first": tags[0]}',
        '( $f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(12) )',
        '$reduce([1..10], function($a, $b) { $a + $b })',
        'items ~> |$|{"total": price * n}, ["tags"]|',
        '$uppercase(id) ~> $substringAfter("-") ~> $pad(-4, "0")',
        '$match("a1b22", /[a-z](\\d+)/).groups',
        '$formatNumber(1234.5, "#,##0.00") & " " & $fromMillis(0, "[D01].[M01].[Y0001]")',
        '$merge([{"a": 1}, {"b": $not(false)}]) ~> $keys()',
      ]
      const expression = jsonata('$greet(who)')
      expression.registerFunction('greet', async (who: string) => `hello ${who}`, '<s:s>')
      const failed = await jsonata('$sum("x")')
        .evaluate({})
        .catch((e: Library) => [e.code, e.position])
      return {
        results: JSON.parse(
          JSON.stringify(await Promise.all(queries.map((q) => jsonata(q).evaluate(order)))),
        ),
        bound: await jsonata('$x + y').evaluate({ y: 2 }, { x: 40 }),
        own: await expression.evaluate({ who: 'ada' }),
        tree: jsonata('a.b[0]').ast().type,
        failed,
      }
    },
  },
  {
    name: 'json-logic-js',
    files: ['logic.js'],
    global: 'jsonLogic',
    use: (jsonLogic) => {
      const data = {
        temp: 95,
        pie: { filling: 'apple' },
        nums: [1, 2, 3, 4],
        people: [{ age: 20 }, { age: 15 }],
      }
      const logic = [
        { and: [{ '<': [{ var: 'temp' }, 110] }, { '==': [{ var: 'pie.filling' }, 'apple'] }] },
        {
          if: [
            { '<': [{ var: 'temp' }, 0] },
            'ice',
            { '<': [{ var: 'temp' }, 100] },
            'liquid',
            'gas',
          ],
        },
        { map: [{ var: 'nums' }, { '*': [{ var: '' }, 2] }] },
        { filter: [{ var: 'people' }, { '>=': [{ var: 'age' }, 18] }] },
        { reduce: [{ var: 'nums' }, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] },
        { missing: ['temp', 'nope', 'pie.crust'] },
        { missing_some: [2, ['temp', 'a', 'b']] },
        { some: [{ var: 'people' }, { '<': [{ var: 'age' }, 16] }] },
        { cat: ['I love ', { var: 'pie.filling' }, ' pie'] },
        { substr: ['jsonlogic', -5, 3] },
        { '<': [1, { var: 'nums.1' }, 3] },
        { merge: [[1], [2, 3], 4] },
        { in: ['app', { var: 'pie.filling' }] },
        { var: ['x.y', 'default'] },
        { '%': [{ max: [3, 17, 5] }, { min: [9, 5] }] },
      ]
      jsonLogic.add_operation('square', (n: number) => n * n)
      return {
        results: logic.map((rule) => jsonLogic.apply(rule, data)),
        own: jsonLogic.apply({ square: [{ var: 'a' }] }, { a: 9 }),
        uses: jsonLogic.uses_data(logic[0]),
        like: [
          jsonLogic.rule_like(logic[0], { and: ['array'] }),
          jsonLogic.rule_like({ '+': [1] }, '@'),
        ],
        truthy: [[], [0], '', '0', 0].map((v) => jsonLogic.truthy(v)),
      }
    },
  },
  {
    name: 'ajv-dist',
    files: ['dist/ajv7.min.js'],
    global: 'ajv7',
    use: (Ajv) => {
      const ajv = new Ajv({
        allErrors: true,
        useDefaults: true,
        coerceTypes: true,
        discriminator: true,
      })
      ajv.addFormat('even', { type: 'number', validate: (n: number) => n % 2 === 0 })
      ajv.addKeyword({
        keyword: 'shout',
        type: 'string',
        compile: (on: boolean) => (s: string) => !on || s === s.toUpperCase(),
      })
      ajv.addSchema({ $id: 'urn:x:tag', type: 'string', pattern: '^[a-z]+$', maxLength: 5 })
      const validate = ajv.compile({
        type: 'object',
        required: ['id', 'kind'],
        additionalProperties: false,
        properties: {
          id: { type: 'integer', minimum: 1, format: 'even' },
          kind: { enum: ['a', 'b'] },
          size: { type: 'number', default: 10, multipleOf: 0.5 },
          tags: { type: 'array', items: { $ref: 'urn:x:tag' }, uniqueItems: true, minItems: 1 },
          name: { type: 'string', shout: true },
          tree: { $ref: '#/$defs/node' },
          either: { oneOf: [{ type: 'string', minLength: 2 }, { type: 'null' }] },
        },
        if: { properties: { kind: { const: 'b' } } },
        // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
        then: { required: ['size', 'tags'] },
        $defs: {
          node: {
            type: 'object',
            properties: { v: { type: 'number' }, next: { $ref: '#/$defs/node' } },
            required: ['v'],
          },
        },
      })
      const inputs = [
        { id: '4', kind: 'a', tree: { v: 1, next: { v: 2 } } },
        { id: 3, kind: 'c', size: 0.3, tags: ['ok', 'ok', 'TOO-LONG'], extra: 1 },
        { id: 2, kind: 'b', name: 'quiet', either: 'x', tree: { v: 1, next: { next: {} } } },
        'text',
      ]
      const errors = () => JSON.parse(JSON.stringify(validate.errors))
      return {
        results: inputs.map((input) => [validate(input), input, errors()]),
        text: ajv.errorsText(validate.errors, { separator: '\n' }),
        schema: [ajv.validateSchema({ type: 'strin' }), ajv.getSchema('urn:x:tag')('abc')],
      }
    },
  },
  {
    name: 'validator',
    files: ['validator.min.js'],
    global: 'validator',
    use: (validator) => {
      const inputs: Record<string, string[]> = {
        isEmail: ['a.b+c@example.org', 'no@', 'ä@ö.de', '"x y"@z.com'],
        isURL: [
          'https://user@example.org:8080/p?q#f',
          'http://localhost',
          'ftp//x',
          'mailto:a@b.c',
        ],
        isIP: ['127.0.0.1', '::1', '2001:db8::g', '256.1.1.1'],
        isCreditCard: ['4111 1111 1111 1111', '4111111111111112'],
        isIBAN: ['DE89370400440532013000', 'DE89370400440532013001'],
        isISBN: ['978-3-16-148410-0', '0-306-40615-2', '123'],
        isUUID: ['123e4567-e89b-42d3-a456-426614174000', 'x'],
        isISO8601: ['2024-02-30T00:00:00Z', '2024-W05', '20240101'],
        isHexColor: ['#fff', '#ggg'],
        isJSON: ['{"a":[1]}', '{a:1}'],
        isJWT: ['eyJhbGciOiJIUzI1NiJ9.e30.c2ln', 'a.b'],
        isSemVer: ['1.2.3-beta.1+x', '1.2'],
        isBase64: ['aGVsbG8=', 'a'],
        isMobilePhone: ['+4915112345678', '12'],
        isLatLong: ['48.85,2.29', '91,0'],
        isStrongPassword: ['aB3$efgh', 'password'],
      }
      return {
        checks: Object.entries(inputs).map(([name, list]) => [
          name,
          list.map((s) => validator[name](s)),
        ]),
        options: [
          validator.isEmail('Ada <a@b.org>', { allow_display_name: true }),
          validator.isInt('07', { allow_leading_zeroes: false }),
        ],
        normal: [
          validator.normalizeEmail('Some.Name+tag@GoogleMail.com'),
          validator.trim('  x '),
          validator.escape('<a href="/">'),
          validator.blacklist('a-b', '-'),
        ],
        converted: [
          validator.toInt('12px'),
          validator.toBoolean('yes', true),
          validator.toFloat('1.5'),
          validator.toDate('2024-01-01T00:00Z'),
        ],
      }
    },
  },
]
