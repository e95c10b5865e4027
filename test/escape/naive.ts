import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { allCases, classes } from './cases/index.js'

/** The suite has to be able to fail: the same cases against a context that is not hardened. */

const LONGEST_RUN = 60_000

interface Found {
  readonly name: string
  readonly report: string
}

/** Some end the program altogether: it goes on with the next. */
const MOST_ENDS = 5

async function runNaively(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let ends = 0; found.size < allCases.length && ends <= MOST_ENDS; ends++) {
    const program = fork(
      fileURLToPath(new URL('naive-program.js', import.meta.url)),
      [`${found.size}`],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], timeout: LONGEST_RUN, killSignal: 'SIGKILL' },
    )
    program.on('message', (message: Found) => found.set(message.name, message.report))
    await once(program, 'exit')
    const next = allCases[found.size]
    if (next) found.set(next.name, 'the end of the host')
  }
  return found
}

test('a naive context is caught by seven cases in ten, and by some of each class', async () => {
  const found = await runNaively()
  assert.equal(found.size, allCases.length, 'it did not get through all of them')
  const caught = allCases.filter(({ name }) => found.get(name) !== '')
  const missed = allCases.filter(({ name }) => found.get(name) === '').map(({ name }) => name)
  assert.ok(
    caught.length >= 0.7 * allCases.length,
    `${caught.length} of ${allCases.length} catch it; these don't: ${missed.join('; ')}`,
  )
  for (const [name, cases] of Object.entries(classes)) {
    assert.ok(
      cases.some((each) => caught.includes(each)),
      `no case of ${name} catches it`,
    )
  }
})
