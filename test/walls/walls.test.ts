/** The walls around a process: one program. */
import './early-ends.js'
import './os.js'
import './process.js'
