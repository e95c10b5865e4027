/** Contexts that end by themselves: one program, whose files share a service. */
import './collected.js'
import './failed-reset.js'
import './sweep.js'
