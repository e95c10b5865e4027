/** The wall around a context: one program. */
import './containment.js'
import './host-side.js'
import './naive.js'
import './reachability.js'
