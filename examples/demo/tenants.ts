import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InitSource } from 'vmring'

const require = createRequire(import.meta.url)
// Scripts and data are read from the sources: the compiler leaves them where they are.
const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))

/** One customer of the service: a context with its own library, script and data. */
export interface Tenant {
  /** The ID of its context, and so the key that the ring hashes. */
  readonly id: string
  readonly library: string
  readonly version: string
  /** Start-up sources, in order: the library's files, then the tenant's own script. */
  readonly init: readonly InitSource[]
  /** What its `render` is called with. */
  readonly data: unknown
}

/** Start-up sources of every context. */
export const commonInit: readonly InitSource[] = [{ file: script('common') }]

export const tenants: readonly Tenant[] = [
  tenant('planetarium', 'handlebars', ['dist/handlebars.min.js'], json('planets')),
  tenant('hydrology', 'lodash', ['lodash.min.js'], json('rivers')),
  tenant('flight-log', 'dayjs', ['dayjs.min.js', 'plugin/utc.js'], missions()),
  tenant('changelog', 'marked', ['lib/marked.umd.js'], text('ecmascript.md')),
  tenant('ledger', 'decimal.js', ['decimal.js'], json('invoices')),
]

/** The one that will misbehave. */
export const guest: Tenant = {
  id: 'guest',
  library: 'no library',
  version: '',
  init: [{ file: script('guest') }],
  data: 20,
}

function tenant(id: string, library: string, files: readonly string[], data: unknown): Tenant {
  const manifest = require.resolve(`${library}/package.json`)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const init = [...files.map((file) => join(dirname(manifest), file)), script(id)]
  return { id, library, version, init: init.map((file) => ({ file })), data }
}

function script(name: string): string {
  return join(EXAMPLES, 'demo', 'scripts', `${name}.js`)
}

function text(name: string): string {
  return readFileSync(join(EXAMPLES, 'data', name), 'utf8')
}

function json(name: string): unknown {
  return JSON.parse(text(`${name}.json`))
}

/** Dates travel as dates. */
function missions(): unknown {
  const list = json('missions') as { launched: string; arrived: string }[]
  return list.map((mission) => ({
    ...mission,
    launched: new Date(mission.launched),
    arrived: new Date(mission.arrived),
  }))
}
