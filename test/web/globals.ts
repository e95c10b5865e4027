import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NODE, WebContext } from './context.js'

const { names } = new WebContext().globals

/** Both kinds of global objects there are: of V8's own making, and with one of the host's behind. */
const kinds = NODE < 22 ? [true] : [false, true]

function each(fn: (fresh: () => WebContext, name: string) => void): void {
  for (const contextified of kinds) {
    for (const name of names) fn(() => new WebContext({ contextified }), name)
  }
}

test('each is there, made once, and becomes a plain property', () => {
  each((fresh, name) => {
    const web = fresh()
    assert.equal(web.run(`Object.keys(globalThis).length`), 0)
    assert.equal(web.run(`'${name}' in globalThis && Object.hasOwn(globalThis, '${name}')`), true)
    const type = name === 'performance' || name === 'crypto' ? 'object' : 'function'
    assert.equal(web.run(`typeof ${name}`), type)
    assert.equal(web.run(`${name} === ${name} && ${name} === globalThis.${name}`), true)
    assert.equal(web.globals.get(name), web.run(name))
    assert.equal(
      web.run(`{
        const { value, enumerable, configurable, writable } =
          Object.getOwnPropertyDescriptor(globalThis, '${name}')
        value === ${name} && !enumerable && configurable && writable
      }`),
      true,
    )
  })
})

test('a script may have its own of any name', () => {
  each((fresh, name) => {
    for (const read of ['', `${name};`]) {
      for (const declare of [
        `var ${name} = 5; ${name}`,
        `const ${name} = 5; ${name}`,
        `let ${name} = 5; ${name}`,
        `class ${name} {} ${name}.prototype.constructor === ${name} && 5`,
        `function ${name}() { return 5 } ${name}()`,
        `${name} = 5; ${name}`,
        `'use strict'; ${name} = 5; ${name}`,
        `globalThis.${name} = 5; ${name}`,
        `this.${name} = 5; globalThis.${name}`,
        `Object.defineProperty(globalThis, '${name}', { value: 5 }); ${name}`,
        `Object.defineProperty(globalThis, '${name}', { get: () => 5 }); ${name}`,
        `delete globalThis.${name} && typeof ${name} === 'undefined' && 5`,
        `(() => { const ${name} = 5; return ${name} })()`,
        `(0, eval)('var ${name} = 5'); ${name}`,
        `with ({ ${name}: 5 }) ${name}`,
      ]) {
        const web = fresh()
        if (read) web.run(read)
        assert.equal(web.run(declare), 5, declare)
        if (!/^delete|^with|^\(\(/.test(declare)) {
          const later = declare.startsWith('class') || declare.startsWith('function')
          assert.equal(web.run(later ? `typeof ${name}` : name), later ? 'function' : 5, declare)
        }
      }
      const web = fresh()
      assert.equal(web.run(`${read} var ${name}; typeof ${name} !== 'undefined'`), true)
    }
  })
})

test('a frozen global object still has them', () => {
  for (const name of names) {
    const web = new WebContext()
    // With an object of the host's behind, V8 refuses to freeze it.
    try {
      web.run('Object.freeze(globalThis)')
    } catch {
      continue
    }
    assert.equal(web.run(`typeof ${name} !== 'undefined' && ${name} === ${name}`), true)
    web.run(`${name} = 5`)
    assert.notEqual(web.run(name), 5)
  }
})

test('what one global needs of another does not depend on what a script puts in its place', () => {
  const web = new WebContext()
  web.run(names.map((name) => `globalThis.${name} = 5`).join(';'))
  for (const name of names) assert.notEqual(web.globals.get(name), 5)
  const other = new WebContext()
  other.run('globalThis.DOMException = globalThis.URLSearchParams = globalThis.EventTarget = 5')
  assert.equal(
    other.run(`(() => {
      try { atob('*') } catch (error) {
        return [error.name, new URL('http://a/?b=c').searchParams.get('b'), AbortSignal.abort().aborted].join()
      }
    })()`),
    'InvalidCharacterError,c,true',
  )
})
