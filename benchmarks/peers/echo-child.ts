import { serve } from '../support/framed-server.js'
import { ADD } from './echo.js'

/** The process of the echo: adds, or gives back what it was given. */
serve((op, _context, value) => {
  if (op !== ADD) return value
  const [a, b] = value as [number, number]
  return a + b
})
