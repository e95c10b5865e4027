/** The wall around a context: one program. */
import './containment.js'
import './naive.js'
import './reachability.js'
