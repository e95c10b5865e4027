/** Processes that somebody else owns: one program. */
// First those that may find no process at all afterwards, none that a later file shares either.
import './hostile-worker-start.js'
import './hostile-worker-floods.js'
import './hostile-worker-frames.js'
import './hostile-worker-mail.js'
