/** The parts of the pool, each alone: one program. */
import './blame.js'
import './channel.js'
import './fair-queue.js'
import './lifecycle.js'
import './restarts.js'
import './worker-output.js'
