import { burn } from './burn.js'
import { serve } from './framed-server.js'

/** A bare process that works: what vmring's are measured beside. */
serve((_op, _context, steps) => burn(steps as number))
