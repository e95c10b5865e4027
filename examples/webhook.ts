/**
 * Tenants' scripts transform webhooks and may ask the network for more, by a `host.fetch` that the
 * service guards: only so far, so long and so much.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HostCaller, VmService } from 'vmring'

const MAX_BODY = 64 * 1024
const METHODS: readonly unknown[] = ['GET', 'POST']
const REQUEST_HEADERS = ['accept', 'content-type']
const RESPONSE_HEADERS = ['content-type', 'retry-after']

/** What each tenant may reach: scheme, host and port. */
const allowed = new Map<string, readonly string[]>()

/** `host.fetch(url, init)`. Its arguments are a script's, which may be anything. */
async function guardedFetch(this: HostCaller, url: unknown, init: unknown = {}) {
  if (typeof url !== 'string' || !URL.canParse(url)) throw new TypeError('fetch: not a URL')
  const { protocol, host } = new URL(url) // Not `origin`: a `blob:` has that of another URL.
  if (!allowed.get(this.key)?.includes(`${protocol}//${host}`)) {
    throw new Error(`fetch: not allowed: ${url.slice(0, 100)}`)
  }
  const { method = 'GET', headers, body = null } = Object(init) as Record<string, unknown>
  if (!METHODS.includes(method)) throw new TypeError(`fetch: only ${METHODS.join(' and ')}`)
  if (body !== null && (typeof body !== 'string' || body.length > MAX_BODY)) {
    throw new TypeError(`fetch: a body is a text of at most ${MAX_BODY} characters`)
  }
  const response = await fetch(url, {
    method: method as string,
    headers: pick(REQUEST_HEADERS, Object.entries(Object(headers))),
    body,
    redirect: 'error', // It might lead to where the tenant must not go.
    signal: this.signal, // Aborts when the caller gives up, and after `hostCalls.timeout`.
  })
  const chunks: Uint8Array[] = []
  let size = 0
  // Counted as it comes: a length that is announced may be a lie, and what is packed may grow.
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BODY) throw new RangeError(`fetch: more than ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  return {
    status: response.status,
    headers: pick(RESPONSE_HEADERS, [...response.headers]),
    body: Buffer.concat(chunks).toString(),
  }
}

function pick(names: readonly string[], headers: [string, unknown][]): Record<string, string> {
  const picked = headers.filter(([name]) => names.includes(name.toLowerCase()))
  return Object.fromEntries(picked.map(([name, value]) => [name.toLowerCase(), String(value)]))
}

/** An API that tells what it was sent, and never answers who asks it for `/slow`. */
await using upstream = createServer(({ url, headers }, response) => {
  if (url === '/slow') return
  response.setHeader('set-cookie', 'session=secret').setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ name: 'Ada Lovelace', tier: 'gold', cookie: headers.cookie }))
}).listen(0, '127.0.0.1')
// Else one that is not answered would hold `close` up.
using _ = { [Symbol.dispose]: () => upstream.closeAllConnections() }
await once(upstream, 'listening')
const api = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`

await using service = await VmService.start({
  processes: 1,
  functions: { fetch: guardedFetch },
  hostCalls: { timeout: 2000 },
})

/** A context with its tenant's script, which defines `transform(payload, api)`. */
async function lodge(id: string, source: string) {
  allowed.set(id, [api])
  return await service.ensureContext({ id, init: [{ source, filename: `${id}.js` }] })
}

const shop = await lodge(
  'shop',
  `async function transform({ order, customer }, api) {
    const headers = { accept: 'application/json', cookie: 'session=stolen' }
    const response = await host.fetch(api + '/customers/' + customer, { headers })
    const { name, tier, cookie } = JSON.parse(response.body)
    return { order, name, tier, cookies: cookie ?? response.headers['set-cookie'] ?? 'none' }
  }`,
)
const snoop = await lodge(
  'snoop',
  `async function transform({ order }) {
    const tried = ['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd']
    const all = await Promise.allSettled(tried.map((url) => host.fetch(url)))
    return { order, errors: all.map(({ reason }) => reason.message) }
  }`,
)
const stuck = await lodge('stuck', `const transform = (_, api) => host.fetch(api + '/slow')`)

const payload = { event: 'order.created', order: 'A-17', customer: 42 }

const enriched = await shop.call('transform', [payload, api])
console.log('shop   enriched ', enriched)
assert.deepEqual(enriched, { order: 'A-17', name: 'Ada Lovelace', tier: 'gold', cookies: 'none' })

const refused = await snoop.call<{ errors: string[] }>('transform', [payload, api])
for (const error of refused.errors) console.log('snoop  refused  ', error)
assert.equal(refused.errors.filter((error) => error.startsWith('fetch: not allowed')).length, 2)

const sender = new AbortController()
const call = stuck.call('transform', [payload, api], { signal: sender.signal })
const [, response] = (await once(upstream, 'request')) as [IncomingMessage, ServerResponse]
const closed = once(response, 'close', { signal: AbortSignal.timeout(1000) })
const abortedAt = performance.now()
sender.abort(new Error('the sender hung up'))
await assert.rejects(call, sender.signal.reason)
await closed
const ms = (performance.now() - abortedAt).toFixed(1)
console.log('stuck  given up ', `${sender.signal.reason}; upstream request closed ${ms} ms later`)
console.log('stuck  lives on ', `6 * 7 = ${await stuck.eval('6 * 7')}`)
