import { allCases } from './cases/index.js'
import { runNaively } from './naive-host.js'

/** Tells its parent what each case found, from the given one on. A program of its own: they get out here. */

const send = process.send?.bind(process)
process.on('uncaughtException', () => {})

for (const each of allCases.slice(Number(process.argv[2]))) {
  const report = await runNaively(each)
  await new Promise((resolve) => send?.({ name: each.name, report }, resolve))
}
process.exit(0)
