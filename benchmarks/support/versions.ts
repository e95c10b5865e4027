import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/** The version of an installed package; undefined when there is none. */
export function versionOf(name: string): string | undefined {
  const files = require.resolve.paths(name)?.map((path) => join(path, name, 'package.json'))
  const file = files?.find((path) => existsSync(path))
  return file && JSON.parse(readFileSync(file, 'utf8')).version
}
