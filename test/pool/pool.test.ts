/** What needs no process: one program. */
import './blame.js'
import './channel.js'
import './fair-queue.js'
import './lifecycle.js'
import './worker-output.js'
