import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import type { Msgpack } from './codec.js'

/**
 * msgpackr as source text, for realms other than this one: a function that makes it.
 *
 * Its extensions are registered on the module, not on an instance: every realm gets a private
 * copy, so that the extension of vmring never meets those of an application that uses msgpackr
 * too. The copy goes without `Buffer`, which contexts don't have, so that both sides write the
 * same bytes; without code generation, which the worker's own realm forbids; and with the `TextDecoder`
 * that it is given, or none: one of a context's would be the script's.
 */
export function msgpackSource(file: string): string {
  return `((TextDecoder) => ((exports, module, Buffer) => { ${readFileSync(file, 'utf8')}
return exports })({}, {}, undefined))`
}

/** Where msgpackr is. A worker is told: it may not look for it, inside its walls. */
export function findMsgpack(): string {
  return createRequire(import.meta.url).resolve('msgpackr/index-no-eval')
}

/** A private copy for this realm. */
export function loadMsgpack(file = findMsgpack()): Msgpack {
  const make = new Script(msgpackSource(file), { filename: 'vmring:msgpackr' }).runInThisContext()
  return (make as (decoder: typeof TextDecoder) => Msgpack)(WholeTextDecoder)
}

/** Keeps a byte order mark, which is a character like any other. */
class WholeTextDecoder extends TextDecoder {
  constructor() {
    super('utf-8', { ignoreBOM: true })
  }
}
