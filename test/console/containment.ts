import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walkSource } from '../escape/walk.js'
import { createConsoleRealm } from './realm.js'

/** Everything that a script can get at through the console is of its own realm. */

interface Walked {
  readonly count: number
  readonly report: string
}

/** Stacks of plain contexts name the host's files; here it is objects that count. */
function foreign({ report }: Walked): string[] {
  return report.split('\n').filter((line) => line.endsWith('is of another realm'))
}

test('everything that the console leads to is of its realm', () => {
  const realm = createConsoleRealm()
  realm.run(walkSource)
  const walked = realm.run('walk({ console })') as Walked
  assert.deepEqual(foreign(walked), [])
  assert.ok(walked.count > 25)
})

test('so is what a script is given while it is asked', () => {
  const realm = createConsoleRealm()
  realm.run(walkSource)
  const walked = realm.run(`
    const given = []
    const keep = (...all) => given.push(...all)
    const handler = new Proxy({}, { get: (_, name) => (...all) => { keep(all); return Reflect[name](...all) } })
    console.log(new Proxy({ a: 1 }, handler), new Proxy([1], handler), new Proxy(class {}, handler))
    console.log('%j %s %d', { toJSON() { keep(this, arguments) } }, { toString() { keep(this, arguments); return '' } },
      { valueOf() { keep(this, arguments); return 1 } })
    console.table(new Proxy([{ a: 1 }], handler))
    Error.prepareStackTrace = (...all) => { keep(all[0]); return all }
    console.trace()
    walk({ given })
  `) as Walked
  assert.deepEqual(foreign(walked), [])
  assert.ok(walked.count > 50)
})

test('so is what a script gets where the stack ends', () => {
  const realm = createConsoleRealm()
  realm.run(`
    var foreign = 0
    var reached = 0
    const see = (e) => { if (!(e instanceof RangeError) && typeof e !== 'string') foreign++ }
    function dive(value) {
      try { dive(value) } catch (e) { see(e) }
      if (reached > 200) return
      try { console.log(value, 'x', { a: [1] }); reached++ } catch (e) { see(e) }
      try { console.trace() } catch (e) { see(e) }
    }
    dive({ a: { b: new Map([[1, new Error('x')]]) } })
  `)
  assert.ok((realm.run('reached') as number) > 0)
  assert.equal(realm.run('foreign'), 0)
})
