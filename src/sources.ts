import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { VmOptionError } from './errors.js'
import type { InitSource } from './options.js'
import { textSize } from './wire/framing.js'
import type { Source } from './wire/protocol.js'

/** Reads the files among start-up sources. Throws `VmOptionError` for one that can't be read. */
export function loadSources(sources: readonly InitSource[], maxSize: number): Source[] {
  let total = 0
  return sources.map((item, i) => {
    const loaded = 'file' in item ? loadFile(item.file, i) : item
    const { source, filename = `vm:init[${i}]` } = loaded
    total += textSize(source)
    if (total > maxSize) {
      throw new VmOptionError(`options.init[${i}]`, `at most ${maxSize} bytes in all`, total)
    }
    return { source, filename }
  })
}

function loadFile(file: string, i: number): { source: string; filename: string } {
  try {
    return { source: readFileSync(resolve(file), 'utf8'), filename: file }
  } catch (error) {
    const why = (error as Error).message
    throw new VmOptionError(`options.init[${i}].file`, `a readable file (${why})`, file)
  }
}
