/** What memory costs, and whom: one program. */
import './bombs.js'
import './left-behind.js'
import './pressure.js'
