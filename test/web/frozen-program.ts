import { freezeIntrinsics } from '../../src/worker/harden.js'
import { answerWeb } from '../../src/worker/realm/web/answer.js'

/** Answers what it is asked on the command line, with built-ins that are frozen as a worker's are. */
freezeIntrinsics()
const asked = JSON.parse(process.argv[2] as string) as unknown[][]
const answers = asked.map(([op, a, b, c]) => {
  const answer = answerWeb(op, Array.isArray(a) ? Buffer.from(a) : a, b, c)
  return typeof answer === 'object' && answer ? [...answer] : answer
})
process.stdout.write(JSON.stringify(answers))
