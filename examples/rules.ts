/**
 * Tenants' rules look things up while they run, without an `await`. A tenant whose look-ups are slow
 * has a process of its own, where it holds up nobody else.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { syncFunction, VmService } from 'vmring'

const rows = new Map<string, unknown>([
  ['customers/ada', { tier: 'gold', country: 'SE' }],
  ['customers/bob', { tier: 'new', country: 'NO' }],
  ['limits/gold', 5000],
  ['limits/new', 500],
  ['duties/NO', 0.25],
])
const SLOW = 200

/** What is in memory is there at once. The archive is a database far away. */
function lookUp(table: string, key: string): unknown {
  return table === 'archive' ? delay(SLOW, { disputes: 2 }) : rows.get(`${table}/${key}`)
}

await using service = await VmService.start({
  processes: 1,
  functions: { lookUp: syncFunction(lookUp) },
})

const credit = await service.ensureContext({
  id: 'credit',
  init: [
    {
      source: `function decide({ customer, total }) {
        const { tier } = host.sync.lookUp('customers', customer)
        const limit = host.sync.lookUp('limits', tier)
        return total > limit ? 'review, the limit is ' + limit : 'accept'
      }`,
    },
  ],
})
const customs = await service.ensureContext({
  id: 'customs',
  init: [
    {
      source: `function decide({ customer, total }) {
        const { country } = host.sync.lookUp('customers', customer)
        const duty = host.sync.lookUp('duties', country) ?? 0
        return duty > 0 ? 'duty of ' + duty * total : 'free of duty'
      }`,
    },
  ],
})

const orders = [
  { id: 'A-17', customer: 'ada', total: 1200 },
  { id: 'A-18', customer: 'bob', total: 800 },
  { id: 'A-19', customer: 'bob', total: 120 },
]
const decisions: string[] = []
for (const order of orders) {
  const both = [credit.call<string>('decide', [order]), customs.call<string>('decide', [order])]
  const [first = '', second = ''] = await Promise.all(both)
  decisions.push(first, second)
  const head = `${order.id}  ${order.customer} ${String(order.total).padStart(5)}`
  console.log(`${head}   credit: ${first.padEnd(24)} customs: ${second}`)
}
assert.deepEqual(decisions, [
  ...['accept', 'free of duty'],
  ...['review, the limit is 500', 'duty of 200'],
  ...['accept', 'duty of 30'],
])

const TIMES = 1000
await credit.eval(`function many(n) { while (n-- > 0) host.sync.lookUp('limits', 'gold') }`)
await credit.call('many', [TIMES])
const begun = performance.now()
await credit.call('many', [TIMES])
const each = ((performance.now() - begun) * 1000) / TIMES
console.log(`\na look-up takes ${each.toFixed(0)} µs, ${TIMES} in a row\n`)

/** Has a tenant wait for the archive while its neighbour decides over and over. */
async function besideSlow(ownProcess: boolean): Promise<number> {
  await using slow = await service.createContext({ ownProcess })
  let isOver = false
  const call = slow.eval(`host.sync.lookUp('archive', 'ada').disputes`).finally(() => {
    isOver = true
  })
  let answers = 0
  let longest = 0
  while (!isOver) {
    const asked = performance.now()
    await customs.call('decide', [orders[0]])
    longest = Math.max(longest, performance.now() - asked)
    answers++
  }
  assert.equal(await call, 2)
  const where = `  ${slow.slot.padEnd(6)} beside ${customs.slot}`
  console.log(
    `${where} ${String(answers).padStart(5)} answers, the slowest after ${longest.toFixed(0)} ms`,
  )
  return answers
}

console.log(`while a tenant waits ${SLOW} ms for the archive, its neighbour gets`)
const heldUp = await besideSlow(false)
const free = await besideSlow(true)
assert.ok(free > heldUp, `${heldUp} answers, then ${free}`)
