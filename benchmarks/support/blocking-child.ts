import { readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * A bare process that asks its parent over a blocking descriptor: for each number on its standard input it
 * makes so many exchanges, and prints how many microseconds one took.
 */

const FD = 3
const question = Buffer.alloc(32, 1)
const answer = Buffer.alloc(question.length)

for await (const line of createInterface(process.stdin)) {
  const times = Number(line)
  const begun = performance.now()
  for (let i = 0; i < times; i++) {
    writeSync(FD, question)
    for (let at = 0; at < answer.length; ) at += readSync(FD, answer, at, answer.length - at, null)
  }
  process.stdout.write(`${((performance.now() - begun) * 1000) / times}\n`)
}
