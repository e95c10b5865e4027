import type { EscapeCase, EscapeClasses } from '../case.js'
import { bridge } from './bridge.js'
import { callers } from './callers.js'
import { constructorWalk } from './constructor-walk.js'
import { errors } from './errors.js'
import { globals } from './globals.js'
import { imports } from './imports.js'
import { iteration } from './iteration.js'
import { promises } from './promises.js'
import { prototypes } from './prototypes.js'
import { results } from './results.js'
import { stackOverflow } from './stack-overflow.js'
import { stackTraces } from './stack-traces.js'
import { symbols } from './symbols.js'
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
}

export const allCases: readonly EscapeCase[] = Object.values(classes).flat()
