/** Turns, what is kept of them, and how they are cut: one program, whose files share a service. */
import './deadline-cell.js'
import './held-replies.js'
import './loops.js'
import './memory-ledger.js'
import './race-calls.js'
import './rest.js'
import './stock.js'
