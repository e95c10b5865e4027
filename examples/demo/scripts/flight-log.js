const { dayjs } = globalThis
dayjs.extend(globalThis.dayjs_plugin_utc)

// The dates arrive as Date objects of this context.
globalThis.render = (missions) =>
  missions
    .map((mission) => {
      const launched = dayjs.utc(mission.launched)
      return { ...mission, launched, days: dayjs.utc(mission.arrived).diff(launched, 'day') }
    })
    .sort((a, b) => b.days - a.days)
    .map(({ craft, launched, where, days }) => {
      const from = launched.format('D MMMM YYYY')
      return `${craft.padEnd(14)}left on ${from.padEnd(18)}${String(days).padStart(5)} days to ${where}`
    })
    .join('\n')
