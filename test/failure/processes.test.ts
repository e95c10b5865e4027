/** Processes that end, and those that don't start: one program. */
// First those that may find no process at all afterwards, none that a later file shares either.
import './start-failure.js'
import './close.js'
import './replacement.js'
import './process-death.js'
import './quarantine.js'
