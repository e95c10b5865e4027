import { createBase } from './console/base.js'
import { createEntries } from './console/entries.js'
import { createFormat } from './console/format.js'
import { createInspect } from './console/inspect.js'
import { createKeys } from './console/keys.js'
import { CONSOLE_LEVELS } from './console/levels.js'
import { createLook } from './console/look.js'
import { createTable } from './console/table.js'
import { createText } from './console/text.js'
import { createConsole } from './console.js'

/** The console's program for a realm: an expression whose value takes `emit`, `now` and `limits`. */
export const consoleSource = `((emit, now, limits) => {
  const text = (${createText})()
  const look = (${createLook})()
  const base = (${createBase})(text, look)
  const keys = (${createKeys})(text, base)
  const entries = (${createEntries})(text)
  const inspect = (${createInspect})({ text, look, base, keys, entries })
  const format = (${createFormat})(text, inspect, look, entries)
  const table = (${createTable})(text, inspect, look, entries)
  const levels = ${JSON.stringify(CONSOLE_LEVELS)}
  return (${createConsole})({ levels, text, inspect, format, table }, emit, now, limits)
})`
