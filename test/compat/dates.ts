import type { Library, Package } from './table.js'

/** Dates and durations. */
export const dates: readonly Package[] = [
  {
    name: 'dayjs',
    files: [
      'dayjs.min.js',
      'plugin/utc.js',
      'plugin/duration.js',
      'plugin/isoWeek.js',
      'locale/de.js',
    ],
    global: 'dayjs',
    use: (dayjs) => {
      const plugins = globalThis as Library
      dayjs.extend(plugins.dayjs_plugin_utc)
      dayjs.extend(plugins.dayjs_plugin_duration)
      dayjs.extend(plugins.dayjs_plugin_isoWeek)
      const start = dayjs.utc('2024-02-29T12:34:56.789Z')
      return {
        formats: start.format('dddd, MMMM D YYYY, h:mm:ss.SSS A Z [escaped]'),
        german: start.locale('de').format('dddd, D. MMMM YYYY'),
        moved: [start.add(1, 'year'), start.subtract(13, 'month'), start.endOf('week')].map((d) =>
          d.toISOString(),
        ),
        week: [start.isoWeek(), start.isoWeekYear(), start.startOf('isoWeek').format('YYYY-MM-DD')],
        differences: ['day', 'month', 'hour'].map((unit) =>
          dayjs.utc('2025-01-01').diff(start, unit, true),
        ),
        compared: [
          start.isBefore('2024-03-01'),
          start.isSame('2024-02-01T00:00Z', 'year'),
          dayjs('x').isValid(),
        ],
        duration: [
          dayjs.duration(3_723_000).format('HH:mm:ss'),
          dayjs.duration({ months: 2, days: 3 }).toISOString(),
        ],
        parts: ['year', 'month', 'date', 'hour'].map((unit) => start.get(unit)),
        offset: start.utcOffset(330).format(),
        date: start.toDate(),
      }
    },
  },
  {
    name: 'luxon',
    files: ['build/global/luxon.min.js'],
    global: 'luxon',
    use: ({ DateTime, Duration, Interval, Info }) => {
      const start = DateTime.fromISO('2024-03-30T23:30:00', {
        zone: 'Europe/Berlin',
        locale: 'en-GB',
      })
      const interval = Interval.fromDateTimes(start, start.plus({ days: 3, hours: 5 }))
      return {
        iso: [
          start.toISO(),
          start.toUTC().toISO(),
          start.setZone('Asia/Tokyo').toISO(),
          start.toISOWeekDate(),
        ],
        summerTime: [
          start.plus({ hours: 3 }).toISO(),
          start.plus({ days: 1 }).toISO(),
          start.isInDST,
        ],
        formats: [
          start.toFormat('yyyy LLL dd, HH:mm ZZ z'),
          start.toLocaleString(DateTime.DATE_FULL),
        ],
        french: start.setLocale('fr').toFormat('cccc d LLLL'),
        parsed: DateTime.fromFormat('15 Mai 2023 07:05', 'd MMMM yyyy HH:mm', {
          locale: 'de',
          zone: 'utc',
        }).toMillis(),
        invalid: DateTime.fromISO('2024-02-30', { zone: 'utc' }).invalidExplanation,
        difference: start
          .diff(start.minus({ months: 14, days: 3 }), ['years', 'months', 'days'])
          .toObject(),
        durations: [
          Duration.fromISO('P1Y2M3DT4H').toObject(),
          Duration.fromMillis(9_000_000).toFormat('hh:mm'),
        ],
        rescaled: Duration.fromObject({ minutes: 4000 }).rescale().toISO(),
        interval: [interval.length('hours'), interval.splitBy({ days: 1 }).map(String)],
        info: [
          Info.months('short', { locale: 'en' }),
          Info.hasDST('Europe/Paris'),
          Info.weekdays('narrow', { locale: 'sv' }),
        ],
      }
    },
  },
  {
    name: 'moment',
    files: ['min/moment.min.js'],
    global: 'moment',
    use: (moment) => {
      const start = moment.utc('2021-12-31T22:10:05')
      moment.defineLocale('x-latin', {
        parentLocale: 'en',
        weekdays: 'Solis Lunae Martis Mercurii Iovis Veneris Saturni'.split(' '),
      })
      moment.locale('en')
      return {
        formats: start.format('ddd, Do MMM YYYY, hh:mm a, [W]WW gggg Q X'),
        latin: start.clone().locale('x-latin').format('dddd'),
        moved: [
          start.clone().add(2, 'months'),
          start.clone().startOf('quarter'),
          start.clone().isoWeekday(1),
        ].map((m) => m.toISOString()),
        parsed: moment.utc('03/04/20 5pm', 'DD/MM/YY ha', true).toISOString(),
        strict: moment.utc('2020-13-01', 'YYYY-MM-DD', true).parsingFlags().overflow,
        from: [
          start.from(moment.utc('2022-01-03')),
          moment.duration(-90, 'minutes').humanize(true),
        ],
        calendar: start.calendar(moment.utc('2021-12-30'), { sameElse: 'L' }),
        difference: start.diff(moment.utc('2020-02-29'), 'months', true),
        duration: [
          moment.duration('P1DT2H').asMinutes(),
          moment.duration({ h: 30, m: 61 }).toISOString(),
        ],
        between: start.isBetween('2021-01-01', '2022-01-01', 'year', '[]'),
        zone: moment.parseZone('2021-06-01T10:00:00+05:30').format(),
      }
    },
  },
  {
    name: 'ms',
    files: ['index.js'],
    global: 'ms',
    commonjs: true,
    use: (ms) => {
      const texts = [
        '2 days',
        '1d',
        '10h',
        '2.5 hrs',
        '1m',
        '5s',
        '1y',
        '100',
        '-3 days',
        '1w',
        '1.5 weeks',
        'x',
        '53 milliseconds',
      ]
      const numbers = [60_000, 2 * 60_000, -3 * 60_000, 86_400_000 * 10, 500, 0, 1e12]
      let message = ''
      try {
        ms(Number.NaN)
      } catch (error) {
        message = (error as Error).message
      }
      return {
        parsed: texts.map((t) => ms(t)),
        short: numbers.map((n) => ms(n)),
        long: numbers.map((n) => ms(n, { long: true })),
        message,
      }
    },
  },
]
