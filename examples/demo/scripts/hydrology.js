const { _ } = globalThis

globalThis.render = (rivers) =>
  _(rivers)
    .groupBy('continent')
    .map((all, continent) => ({ continent, all, longest: _.maxBy(all, 'lengthKm') }))
    .orderBy(({ longest }) => longest.lengthKm, 'desc')
    .map(({ continent, all, longest }) => {
      const total = _.sumBy(all, 'lengthKm')
      const count = `${all.length} rivers of ${_.padStart(total, 5)} km together`
      return `${_.padEnd(continent, 15)}${count}   longest: ${longest.name}, ${longest.lengthKm} km`
    })
    .join('\n')
