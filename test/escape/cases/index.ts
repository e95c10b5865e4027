import type { EscapeCase, EscapeClasses } from '../case.js'
import { bridge } from './bridge.js'
import { callers } from './callers.js'
import { consoleCases } from './console.js'
import { constructorWalk } from './constructor-walk.js'
import { errors } from './errors.js'
import { globals } from './globals.js'
import { hostFunctions } from './host-functions.js'
import { hostHostile } from './host-hostile.js'
import { imports } from './imports.js'
import { iteration } from './iteration.js'
import { promises } from './promises.js'
import { prototypes } from './prototypes.js'
import { results } from './results.js'
import { stackOverflow } from './stack-overflow.js'
import { stackTraces } from './stack-traces.js'
import { symbols } from './symbols.js'
import { timers } from './timers.js'
import { webData } from './web-data.js'
import { webEvents } from './web-events.js'
import { webGlobals } from './web-globals.js'
import { webassembly } from './webassembly.js'

export const classes: EscapeClasses = {
  'constructor walk': constructorWalk,
  callers,
  promises,
  iteration,
  errors,
  'stack traces': stackTraces,
  'stack overflow': stackOverflow,
  imports,
  results,
  prototypes,
  symbols,
  WebAssembly: webassembly,
  bridge,
  globals,
  'host functions': hostFunctions,
  'host functions among hostile built-ins': hostHostile,
  console: consoleCases,
  timers,
  'web globals': webGlobals,
  'web globals and data': webData,
  'events and signals': webEvents,
}

export const allCases: readonly EscapeCase[] = Object.values(classes).flat()
