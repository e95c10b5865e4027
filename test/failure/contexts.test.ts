/** Contexts that end by themselves, or would like others to: one program, whose files share a service. */
import './collected.js'
import './failed-reset.js'
import './hostile-scripts.js'
import './sweep.js'
