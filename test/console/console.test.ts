/** The console of contexts, in plain contexts of this process: one program. */
import './containment.js'
import './format.js'
import './hostile.js'
import './limits.js'
import './methods.js'
