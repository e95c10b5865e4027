/** Turns that are cut: one program, whose files share a service. */
import './loops.js'
import './race-calls.js'
