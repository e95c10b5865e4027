// Loaded into every context before its tenant's own sources.

/** Renders again and again for so many milliseconds: a tenant that is busy. */
globalThis.renderFor = (data, milliseconds) => {
  const end = Date.now() + milliseconds
  let times = 0
  for (; Date.now() < end; times++) globalThis.render(data)
  return times
}
