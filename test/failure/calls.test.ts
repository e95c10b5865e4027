/** Calls that are given up, refused or cut: one program, whose files share services. */
import './abort.js'
import './overload.js'
import './timeouts.js'
