import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { VmService } from '../../src/index.js'
import { OURS } from './peer.js'

/** A build of vmring. */
export interface Build {
  readonly name: string
  readonly VmService: typeof VmService
}

/** What another build is called in a report. */
export const BEFORE = 'before'

/** This build; and, to compare it with, the one in another checkout's folder. */
export async function findBuilds(beside: string | undefined): Promise<Build[]> {
  const builds: Build[] = [{ name: OURS, VmService }]
  if (beside !== undefined) {
    const url = pathToFileURL(resolve(beside, 'dist/src/index.js'))
    builds.push({ name: BEFORE, VmService: (await import(url.href)).VmService })
  }
  return builds
}
