/** What costs a process, and who is told: one program. */
import './escalation.js'
import './holding.js'
import './lifeline.js'
import './pipelining.js'
