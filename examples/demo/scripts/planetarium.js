const { Handlebars } = globalThis

Handlebars.registerHelper('left', (value, width) => String(value).padEnd(width))
Handlebars.registerHelper('right', (value, width) => String(value).padStart(width))

const template = Handlebars.compile(
  `{{#each planets}}
{{left name 9}}{{right massE24kg 7}} × 10²⁴ kg {{right diameterKm 8}} km across   {{found}}
{{/each}}`,
  { noEscape: true },
)

globalThis.render = (planets) =>
  template({ planets: planets.sort((a, b) => b.diameterKm - a.diameterKm) })
