import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { InitSource } from 'vmring'
import { data } from './data.js'
import { dates } from './dates.js'
import { formats } from './formats.js'
import { functions } from './functions.js'
import { markup } from './markup.js'
import { numbers } from './numbers.js'
import { rules } from './rules.js'
import type { Package } from './table.js'
import { templates } from './templates.js'
import { text } from './text.js'

const require = createRequire(import.meta.url)

/** Libraries that are known to work in a context. */
export const packages: readonly Package[] = [
  ...templates,
  ...markup,
  ...numbers,
  ...dates,
  ...functions,
  ...data,
  ...rules,
  ...formats,
  ...text,
]

/** Where a package is installed; many don't export their builds, nor even their package.json. */
export function folderOf(name: string): string {
  const folders = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name))
  const folder = folders.find((path) => existsSync(join(path, 'package.json')))
  if (!folder) throw new Error(`${name} is not installed`)
  return folder
}

/** What makes a library available in a context. */
export function initOf({ name, files, global, commonjs }: Package): InitSource[] {
  const folder = folderOf(name)
  const init = files.map((file) => ({ file: join(folder, file) }))
  return commonjs ? asModule(init, global) : init
}

/** `module` is undefined again afterwards: others would take its presence for Node. */
function asModule(init: InitSource[], global: string): InitSource[] {
  return [
    { source: 'var module = { exports: {} }, exports = module.exports' },
    ...init,
    { source: `var ${global} = module.exports; module = exports = undefined` },
  ]
}
