import { readdir } from 'node:fs/promises'
import type { Peer } from './peer.js'
import type { Question } from './question.js'

export interface FoundPeers {
  readonly present: readonly Peer[]
  readonly absent: readonly { readonly name: string; readonly why: string }[]
}

/**
 * Peers and questions are found by where their files are, so that adding one takes one file and
 * touches no list. Programs that peers start as processes are named `*-child`.
 */
export async function findPeers(): Promise<FoundPeers> {
  const modules = await importAll('../peers/', (name) => !name.endsWith('-child'))
  const present: Peer[] = []
  const absent: { name: string; why: string }[] = []
  for (const peer of modules.flatMap(([file, found]) => exported<Peer[]>(file, found, 'peers'))) {
    const why = peer.missing?.()
    if (why === undefined) present.push(peer)
    else absent.push({ name: peer.name, why })
  }
  return { present, absent }
}

/** By file name. */
export async function findQuestions(): Promise<Map<string, Question>> {
  const modules = await importAll('../', (name) => name !== 'main')
  return new Map(
    modules.map(([name, found]) => [name, exported<Question>(name, found, 'question')]),
  )
}

type Module = Record<string, unknown>

async function importAll(
  folder: string,
  wanted: (name: string) => boolean,
): Promise<[string, Module][]> {
  const files = await readdir(new URL(folder, import.meta.url))
  const names = files.filter((file) => file.endsWith('.js')).map((file) => file.slice(0, -3))
  return await Promise.all(
    names
      .filter(wanted)
      .sort()
      .map(async (name): Promise<[string, Module]> => {
        const url = new URL(`${folder}${name}.js`, import.meta.url)
        return [name, (await import(url.href)) as Module]
      }),
  )
}

function exported<T>(file: string, found: Module, name: string): T {
  const value = found[name]
  if (value === undefined) throw new Error(`${file} does not export "${name}"`)
  return value as T
}
