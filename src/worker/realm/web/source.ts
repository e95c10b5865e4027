import { createAbort } from './abort.js'
import { createClone } from './clone.js'
import { createEvent } from './event.js'
import { createEvents } from './events.js'
import { createExceptions } from './exceptions.js'
import { createWebGlobals } from './globals.js'
import { createGroups, type WebParts } from './groups.js'
import { takeBuiltIns } from './kit.js'
import { DECODE, URL_PARTS, WEB_OPS } from './ops.js'
import { createParams } from './params.js'
import { createSmall } from './small.js'
import { createText } from './text.js'
import { createUrl } from './url.js'

const parts: WebParts = {
  groups: createGroups,
  exceptions: createExceptions,
  event: createEvent,
  events: createEvents,
  abort: createAbort,
  params: createParams,
  url: createUrl,
  text: createText,
  small: createSmall,
  clone: createClone,
  constants: { ops: WEB_OPS, decode: DECODE, urlParts: URL_PARTS },
}

const table = Object.entries(parts)
  .map(([name, part]) => `${name}: ${typeof part === 'function' ? part : JSON.stringify(part)}`)
  .join(',\n')

/**
 * The program of a context's web globals: an expression, for strict mode, whose value takes a `Cross`
 * and `WebExtras` and is a `WebGlobals`.
 */
export const webSource = `((cross, extras) => (${createWebGlobals})(
  ${takeBuiltIns}, () => ({ ${table} }), cross, extras))`
