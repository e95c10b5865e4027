/** What needs no process: one program. */
import './framing.js'
import './fuzz/test.js'
import './hostile-values.js'
import './protocol.js'
import './revive.js'
import './scan.js'
import './simple.js'
