import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { both, NODE, same, shared } from './context.js'

const parts = [
  ...['href', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname'],
  ...['search', 'hash'],
]

const seeds = [
  'https://user:pass@example.com:8080/a/b/../c?x=1&y=2#frag',
  'http://ex%41mple.com/%7Efoo/?q=%20#',
  'file:///C:/x/../y',
  'file://host/share',
  'mailto:a@b.c?subject=x y',
  'data:text/plain,hello  world  #x',
  'javascript:alert(1)',
  'blob:https://example.com/uuid',
  'http://[::1]:80/',
  'http://192.168.0.1.:443',
  'http://0x7f.1/',
  'ws://ünïcode.de/ä?ö#ü',
  'non-special://host:99/p?q#f',
  'foo:/.//p',
  '//example.org/x',
  '/only/path',
  '?query',
  '#hash',
  '',
  'http://a b/',
  'http://a\t\n\r/b',
  '  http://a/  ',
  'http:\\\\a\\b',
  'http://\ud800/\udfff?\ud800#\udc00',
  'http://xn--/',
  'https://a:99999',
]

const piece = fc.oneof(
  fc.constantFrom(...':/?#[]@!$&\'()*+,;=%\\ \t\n|^`{}<>"', '..', '%2e', '//', ':80', '::', 'é'),
  fc.string({ maxLength: 5 }),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
)
/** A URL with something put in the middle, or without a part of it. */
const mutated = fc
  .tuple(fc.constantFrom(...seeds), fc.nat(60), fc.nat(4), piece)
  .map(([url, at, gone, more]) => url.slice(0, at) + more + url.slice(at + gone))
const url = fc.oneof(
  fc.constantFrom(...seeds),
  mutated,
  fc.webUrl(),
  fc.array(piece).map((p) => p.join('')),
)

const show = both((describe, input: string, base: string) => {
  const { URL } = globalThis as unknown as { URL: typeof import('node:url').URL }
  const url = base === '-' ? new URL(input) : new URL(input, base)
  const shown = [url.href, url.origin, url.protocol, url.username, url.password, url.host]
  shown.push(url.hostname, url.port, url.pathname, url.search, url.hash)
  shown.push(
    JSON.stringify(url),
    `${url}`,
    `${URL.canParse(input, base === '-' ? undefined : base)}`,
  )
  return describe.value([shown, [...url.searchParams]])
})

const change = both((describe, input: string, json: string) => {
  const url = new URL(input) as unknown as Record<string, unknown> & URL
  const params = url.searchParams
  const seen: unknown[] = []
  for (const [what, a, b] of JSON.parse(json) as [string, string, string][]) {
    try {
      if (what === 'append') params.append(a, b)
      else if (what === 'set') params.set(a, b)
      else if (what === 'delete') params.delete(a)
      else if (what === 'sort') params.sort()
      else url[what] = a
    } catch (error) {
      seen.push((error as Error).name)
    }
    seen.push(url.href, params.toString(), url.search, params.size)
  }
  return describe.value([seen, url.origin, url.host, url.searchParams === params])
})

/** Whether Node can read the URL after each of the steps: it makes some that it aborts over (20, 22). */
function isReadable(input: string, json: string): boolean {
  if (!URL.canParse(input)) return true
  const url = new URL(input) as unknown as Record<string, unknown> & URL
  for (const [what, a] of JSON.parse(json) as [string, string][]) {
    try {
      url[what] = a
    } catch {
      // What else there is to do changes nothing but the query.
    }
    if (!URL.canParse(url.href)) return false
  }
  return true
}

test('URLs are parsed as by Node', () => {
  for (const input of seeds) {
    show(input, '-')
    for (const base of ['https://b.c/d/e?f#g', 'mailto:x', 'file:///a', '/']) show(input, base)
  }
  fc.assert(fc.property(url, fc.oneof(fc.constant('-'), url), show), { numRuns: 1500 })
})

test('URLs are changed as by Node, and their parameters with them', () => {
  const step = fc.tuple(
    fc.constantFrom(...parts, 'append', 'set', 'delete', 'sort', 'search', 'hash'),
    fc.oneof(piece, fc.constantFrom('a', 'x=1&x=2', '?', '#', '8080', '80', 'http', 'ftp:'), url),
    piece,
  )
  // A path that is opaque and ends in spaces is not read as it was written: versions differ.
  const isPlain = (text: string) => !URL.canParse(text) || !/^[^/].* $/.test(new URL(text).pathname)
  const steps = fc
    .array(
      step.filter(([, value]) => isPlain(value)),
      { maxLength: 6 },
    )
    .map((all) => JSON.stringify(all))
  fc.assert(
    fc.property(url.filter(isPlain), steps, (input, json) => {
      fc.pre(isReadable(input, json))
      change(input, json)
    }),
    { numRuns: 1500 },
  )
})

test('URL takes what Node takes, and has what it has', () => {
  for (const expression of [
    'new URL()',
    'new URL(undefined)',
    'new URL("x:y", null)',
    'new URL({ toString: () => "http://a/" }).href',
    'new URL(new URL("http://a/b"), undefined).href',
    'new URL(Symbol("s"))',
    'URL("http://a")',
    'URL.canParse()',
    'URL.canParse("x", "http://a")',
    'URL.length + URL.name + URL.prototype.toString.length + URL.canParse.length',
    'Object.prototype.toString.call(new URL("a:b"))',
    'Object.keys(new URL("a:b")).length',
    'Object.getOwnPropertyDescriptor(URL.prototype, "href").enumerable',
    'Object.getOwnPropertyDescriptor(URL.prototype, "toString").enumerable',
    'URL.prototype.href',
    'URL.prototype.toString.call({})',
    '((u) => { u.searchParams = 1; u.origin = 2; return u.href })(new URL("http://a/"))',
  ]) {
    same(expression)
  }
  if (NODE >= 24)
    same('[URL.parse("http://a/b")?.href, URL.parse("x"), URL.parse("x", "http://a")?.href]')
  assert.equal(shared.run('URL.parse("x")'), null)
  assert.equal(shared.run('"createObjectURL" in URL'), false)
  assert.equal(
    shared.run(
      'try { new URL("x", "y") } catch (e) { JSON.stringify([e.message, e.input, e.base]) }',
    ),
    '["Invalid URL","x","y"]',
  )
})

test('no change makes a URL that can not be read again', () => {
  const found = shared.run(`(() => {
    const url = new URL('non-special://host:99/p?q#f')
    url.host = ':80'
    const readable = URL.canParse(url.href)
    url.username = 'x'
    url.searchParams.append('a', 'b')
    return readable && URL.canParse(url.href) && url.href
  })()`)
  assert.equal(found, 'non-special://x@host:99/p?q=&a=b#f')
})
