import type { Library, Package } from './table.js'

/** Numbers and colours. */
export const numbers: readonly Package[] = [
  {
    name: 'decimal.js',
    files: ['decimal.js'],
    global: 'Decimal',
    use: (Decimal) => {
      const Precise = Decimal.clone({ precision: 50, rounding: Decimal.ROUND_HALF_EVEN })
      const values = ['0.1', '1e-7', '-123456.789', '0xff.8', '0b1010'].map((v) => new Decimal(v))
      return {
        sum: Decimal.sum(...values).toString(),
        third: new Precise(1).div(3).toString(),
        root: new Precise(2).sqrt().toFixed(40),
        pi: Precise.acos(-1).toString(),
        power: new Precise('1.0001').pow(10000).toSignificantDigits(30).toString(),
        ln: Precise.ln(10).toString(),
        money: new Decimal('1234.565').toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toNumber(),
        formats: values.map((v) => [
          v.toExponential(3),
          v.toHex(),
          v.isNegative(),
          v.toFraction().join('/'),
        ]),
        sorted: [...values].sort((a, b) => a.cmp(b)).map((v) => v.toJSON()),
        parts: [Decimal.hypot(3, 4), Decimal.mod(-7, 3), Decimal.max(1, '2'), new Decimal(NaN)].map(
          String,
        ),
      }
    },
  },
  {
    name: 'big.js',
    files: ['big.js'],
    global: 'Big',
    use: (Big) => {
      Big.DP = 30
      const thirds = new Big(1).div(3)
      let message = ''
      try {
        new Big('twelve')
      } catch (error) {
        message = (error as Error).message
      }
      return {
        sum: new Big(0.1).plus('0.2').toString(),
        thirds: thirds.toFixed(),
        root: new Big(2).sqrt().toString(),
        power: new Big('1.05').pow(-12).round(10, Big.roundHalfEven).toString(),
        compare: [
          new Big(1).lt('1.1'),
          new Big('1e3').eq(1000),
          new Big(-2).cmp(2),
          new Big(7).mod(4).toJSON(),
        ],
        formats: [
          thirds.toExponential(4),
          thirds.toPrecision(3),
          new Big(-0).toString(),
          new Big(1e21).toFixed(2),
        ],
        invoice: ['19.99', '5.01', '0.333']
          .reduce((sum, p) => sum.plus(new Big(p).times('1.19')), new Big(0))
          .toFixed(2),
        message,
      }
    },
  },
  {
    name: 'bignumber.js',
    files: ['dist/bignumber.js'],
    global: 'BigNumber',
    use: (BigNumber) => {
      const B = BigNumber.clone({ DECIMAL_PLACES: 25, EXPONENTIAL_AT: 40 })
      const x = new B('123456789012345678901234567890.123456789')
      return {
        product: x.times('9.87654321').toString(),
        quotient: x.div(7).toFixed(10, B.ROUND_UP),
        root: new B(3).sqrt().toString(),
        power: new B(2).pow(200).toString(),
        modular: new B(3).pow(1000, 1000007).toString(),
        bases: [new B('ff', 16).toString(), new B(255.5).toString(2), new B('zz', 36).toString(36)],
        formatted: x.toFormat(2, B.ROUND_DOWN, {
          groupSeparator: ' ',
          groupSize: 3,
          decimalSeparator: ',',
        }),
        fraction: new B('0.375').toFraction().map(String),
        compared: [
          x.gt(1),
          x.isInteger(),
          new B(NaN).isNaN(),
          x.comparedTo(x.plus(1)),
          x.dp(),
          x.sd(),
        ],
        extremes: [B.max(1, '3', 2), B.min(-1, 0), B.sum('0.1', '0.2', '0.3')].map(String),
      }
    },
  },
  {
    name: 'fraction.js',
    files: ['dist/fraction.min.js'],
    global: 'Fraction',
    use: (Fraction) => {
      const third = new Fraction('0.(3)')
      return {
        sum: third.add('1/6').toFraction(),
        repeating: new Fraction(1, 7).toString(),
        mixed: new Fraction('-22/7').toFraction(true),
        latex: new Fraction(5.25).toLatex(),
        continued: new Fraction('415/93').toContinued().map(String),
        simplified: new Fraction(Math.PI).simplify(0.001).toFraction(),
        arithmetic: [
          third.pow(3),
          third.inverse(),
          third.mod('1/5'),
          third.gcd('1/6'),
          third.lcm('1/6'),
        ].map(String),
        rounding: [
          new Fraction(-2.5).floor(),
          new Fraction(2.5).round(),
          new Fraction('1.2345').ceil(2),
        ].map(String),
        compared: [third.compare(0.3), third.equals('2/6'), new Fraction(12).divisible(4)],
        big: new Fraction('123456789012345678901234567890/3').n,
        harmonic: Array.from({ length: 20 }, (_, i) => i + 1)
          .reduce((sum, n) => sum.add(1, n), new Fraction(0))
          .toFraction(),
      }
    },
  },
  {
    name: 'd3-array',
    files: ['dist/d3-array.min.js'],
    global: 'd3',
    use: (d3) => {
      const rows = [
        { team: 'a', year: 2020, points: 31 },
        { team: 'b', year: 2020, points: 12 },
        { team: 'a', year: 2021, points: 7 },
        { team: 'c', year: 2021, points: 55 },
        { team: 'b', year: 2021, points: 12 },
      ]
      const points = (row: { points: number }) => row.points
      const team = (row: { team: string }) => row.team
      return {
        groups: d3.groups(rows, team).map(([key, list]: [string, object[]]) => [key, list.length]),
        rollup: new Map(d3.rollup(rows, (list: object[]) => d3.sum(list, points), team)),
        index: d3.rollups(
          rows,
          (list: object[]) => list.length,
          (row: { year: number }) => row.year,
          team,
        ),
        bins: d3
          .bin()
          .domain([0, 60])
          .thresholds(4)(rows.map(points))
          .map((b: Library) => [b.x0, b.x1, b.length]),
        stats: [d3.mean, d3.median, d3.deviation, d3.variance, d3.max, d3.minIndex].map((f) =>
          f(rows, points),
        ),
        quantiles: [0, 0.25, 0.5, 1].map((p) => d3.quantile(rows, p, points)),
        ticks: [
          d3.ticks(0, 1, 5),
          d3.nice(0.13, 9.7, 4),
          d3.range(0, 1, 0.25),
          d3.tickStep(3, 77, 6),
        ],
        sorted: d3.sort(
          rows,
          (a: Library, b: Library) =>
            d3.descending(a.points, b.points) || d3.ascending(a.team, b.team),
        ),
        sets: [
          [...d3.union([1, 2], [2, 3])],
          [...d3.difference([1, 2], [2])],
          d3.superset([1, 2], [2]),
        ],
        sequence: [
          d3.cumsum([1, 2, 3]),
          d3.pairs([1, 2, 3]),
          d3.cross([1, 2], ['x']),
          d3.zip([1, 2], [3, 4]),
        ],
        sum: d3.fsum(Array(10).fill(0.1)),
        found: d3.bisector((row: { x: number }) => row.x).left([{ x: 1 }, { x: 4 }, { x: 9 }], 5),
      }
    },
  },
  {
    name: 'chroma-js',
    files: ['dist/chroma.min.cjs'],
    global: 'chroma',
    commonjs: true,
    use: (chroma) => ({
      parsed: ['tomato', '#f0a', 'rgb(10 20 30 / 50%)', 'hsl(120,50%,50%)'].map((c) =>
        chroma(c).hex(),
      ),
      spaces: ['rgb', 'hsl', 'hsv', 'lab', 'lch', 'oklch', 'cmyk', 'hsi'].map(
        (s) => chroma('#3a6').get(s).toString() + chroma('#3a6')[s](),
      ),
      scale: chroma.scale(['white', 'navy']).mode('lab').colors(6),
      brewer: chroma.scale('YlGnBu').classes([0, 1, 5, 9])(6).css(),
      bezier: chroma.bezier(['yellow', 'red', 'black']).scale().correctLightness().colors(5),
      changed: chroma('teal').darken().saturate(2).alpha(0.5).hex(),
      contrast: chroma.contrast('pink', 'hotpink'),
      deltas: [chroma.deltaE('#ededee', '#edeeed'), chroma.distance('#fff', '#ff0', 'rgb')],
      average: chroma.average(['red', 'rgba(0,0,255,0.5)', 'lime'], 'lch').css('hsl'),
      limits: ['e', 'q', 'l', 'k'].map((mode) => chroma.limits([1, 2, 3, 5, 8, 13, 21], mode, 3)),
      valid: [
        chroma.valid('#12'),
        chroma.valid('aqua'),
        chroma('#808080').luminance(),
        chroma('red').name(),
      ],
      temperature: chroma.temperature(3500).hex(),
    }),
  },
]
