#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { VmOptionError } from '../index.js'
import { bench } from './bench.js'
import { UsageError } from './usage.js'

const HELP = `Usage: vmring <command> [options]

  bench          measure how fast calls are on this machine, with your own script

  -h, --help     this text; vmring bench --help tells the options of a command
  -v, --version
`

process.exitCode = await main(process.argv.slice(2))

/** Resolves to the exit code. */
async function main([command, ...rest]: string[]): Promise<number> {
  try {
    switch (command) {
      case 'bench':
        return await bench(rest)
      case '-h':
      case '--help':
        process.stdout.write(HELP)
        return 0
      case '-v':
      case '--version':
        console.log(version())
        return 0
      case undefined:
        throw new UsageError('expected a command; vmring --help tells which there are')
      default:
        throw new UsageError(
          `no command ${JSON.stringify(command)}; vmring --help tells which there are`,
        )
    }
  } catch (error) {
    console.error(`vmring: ${(error as Error).message}`)
    return error instanceof UsageError || error instanceof VmOptionError ? 2 : 1
  }
}

function version(): string {
  const file = new URL('../../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}
