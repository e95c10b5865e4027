import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { runInThisContext } from 'node:vm'
import { type InitSource, VmScriptError } from 'vmring'
import { rejectsWith } from '../support/rejects.js'
import { serviceForAll } from '../support/service.js'
import { folderOf, initOf, packages } from './packages.js'
import type { Package } from './table.js'

// A process that is busy elsewhere must not fail a library.
const theService = serviceForAll({ timeout: 30_000 })

/** The same sources and the same script, in Node itself. */
function runHere({ use, global }: Package, init: readonly InitSource[]): unknown {
  const sources = init.map((item) =>
    'file' in item ? readFileSync(item.file, 'utf8') : item.source,
  )
  // A function around them keeps what they declare apart from other packages' declarations.
  const program = `(function () {\n${sources.join('\n;\n')}\nreturn (${use})(${global})\n})`
  return runInThisContext(program).call(globalThis)
}

const text = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')

let working = 0

for (const each of packages) {
  test(`${each.name} works in a context as it does in Node`, async () => {
    const init = initOf(each)
    const service = await theService()
    await using context = await service.createContext({ init })
    const inside = await context.eval(`(${each.use})(${each.global})`)
    const here = await runHere(each, init)
    assert.deepEqual(inside, here)
    working++
  })
}

after(() => console.log(`${working} of ${packages.length} packages work in a context`))

test('docs/compatibility.md lists these packages and no others', () => {
  const { devDependencies } = JSON.parse(text('package.json'))
  const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ')
  const rows = packages.map(({ name, files, global, commonjs }) => {
    const cells = [name, code([devDependencies[name]]), code(files)]
    return `| ${[...cells, commonjs ? 'CommonJS' : code([global])].join(' | ')} |`
  })
  const page = text('docs/compatibility.md')
  assert.deepEqual(
    page
      .slice(page.lastIndexOf('|---|') + 6)
      .trimEnd()
      .split('\n'),
    rows,
  )
  assert.match(page, new RegExp(`The ${packages.length} packages`))
})

test('the stack of an error thrown in a library names the file of the library', async () => {
  const file = join(folderOf('acorn'), 'dist/acorn.js')
  const service = await theService()
  const deep = { source: 'Error.stackTraceLimit = 100' }
  const given = [{ file }, { source: readFileSync(file, 'utf8'), filename: 'libraries/acorn.js' }]
  for (const init of given) {
    await using context = await service.createContext({ init: [deep, init] })
    const error = await rejectsWith(
      context.eval(
        'function load(text) { return acorn.parse(text, { ecmaVersion: 5 }) }\nload("a +")',
        {
          filename: 'tenant.js',
        },
      ),
      VmScriptError,
      { scriptName: 'SyntaxError', message: 'SyntaxError: Unexpected token (1:3)' },
    )
    const frames = (error.scriptStack ?? '').split('\n').slice(1)
    const name = init.filename ?? file
    assert.ok(frames[0]?.includes(`(${name}:`), frames[0])
    assert.match(frames.at(-2) ?? '', /^ {4}at load \(tenant\.js:1:\d+\)$/)
    assert.match(frames.at(-1) ?? '', /^ {4}at tenant\.js:2:1$/)
    // Every line but the script's own is a line of the library.
    assert.equal(frames.filter((frame) => frame.includes(`${name}:`)).length, frames.length - 2)
    assert.deepEqual(error.properties, { pos: 3, raisedAt: 3, loc: { line: 1, column: 3 } })
  }
})
