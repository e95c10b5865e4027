import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NODE, rejections, same, shared, WebContext } from './context.js'

test('events and their targets do as those of Node', () => {
  for (const expression of [
    'new Event()',
    'new Event("x", 5)',
    'new Event(Symbol("x"))',
    '((e) => [e.type, e.bubbles, e.cancelable, e.composed, e.defaultPrevented, e.eventPhase, e.target, e.currentTarget, e.isTrusted, e.returnValue, e.cancelBubble, e.composedPath(), typeof e.timeStamp])(new Event(5, { cancelable: 1, bubbles: true }))',
    '((e) => { e.preventDefault(); return e.defaultPrevented })(new Event("x"))',
    '((e) => { e.preventDefault(); return [e.defaultPrevented, e.returnValue] })(new Event("x", { cancelable: true }))',
    '[Event.NONE, Event.AT_TARGET]',
    'new EventTarget().dispatchEvent({})',
    'new EventTarget().dispatchEvent()',
    'new EventTarget().addEventListener("x")',
    'new EventTarget().addEventListener("x", 5)',
    'new EventTarget().removeEventListener("x")',
    'new EventTarget().addEventListener("x", () => {}, { signal: {} })',
    'EventTarget.prototype.dispatchEvent.call({}, new Event("x"))',
    'Event.prototype.type',
    'Object.prototype.toString.call(new Event("x")) + Object.prototype.toString.call(new EventTarget())',
    '((t) => { const e = new Event("x"); let inner; t.addEventListener("x", () => { try { t.dispatchEvent(e) } catch (error) { inner = error.name } }); t.dispatchEvent(e); return inner !== undefined })(new EventTarget())',
    // Node 20 does not know passive listeners, nor that all signals abort before one says so.
    ...(NODE < 22
      ? []
      : [
          '((t) => { t.addEventListener("x", (e) => e.preventDefault(), { passive: true }); return t.dispatchEvent(new Event("x", { cancelable: true })) })(new EventTarget())',
        ]),
    '((t) => { t.addEventListener("x", (e) => e.preventDefault()); return t.dispatchEvent(new Event("x", { cancelable: true })) })(new EventTarget())',
  ]) {
    same(expression)
  }
})

/** Listeners that add, remove and stop: in which order they are called. */
test('listeners are called in order, once each, and not when they were removed', () => {
  same(`((t) => {
    const seen = []
    const a = (e) => { seen.push('a', e.target === t) }
    t.addEventListener('x', (e) => seen.push(e.currentTarget === t, e.eventPhase, e.composedPath()[0] === t))
    const b = { handleEvent(e) { seen.push('b', this === b, e.type) } }
    function c() { seen.push('c', this === t); t.removeEventListener('x', d); t.addEventListener('x', late) }
    const d = () => seen.push('d')
    const late = () => seen.push('late')
    const once = () => seen.push('once')
    t.addEventListener('x', a)
    t.addEventListener('x', a)
    t.addEventListener('x', a, true)
    t.addEventListener('x', once, { once: true })
    t.addEventListener('x', b)
    t.addEventListener('x', c)
    t.addEventListener('x', d)
    t.addEventListener('y', d)
    t.addEventListener('x', null)
    const event = new Event('x')
    const results = [t.dispatchEvent(event), event.currentTarget, event.target === t, event.eventPhase]
    t.dispatchEvent(event)
    t.removeEventListener('x', a)
    t.removeEventListener('x', a, { capture: true })
    t.addEventListener('x', (e) => e.stopImmediatePropagation())
    t.addEventListener('x', () => seen.push('never'))
    t.dispatchEvent(new Event('x'))
    const other = new Event('z')
    other.stopPropagation()
    return [seen, results, other.cancelBubble]
  })(new EventTarget())`)
})

test('signals abort as those of Node', () => {
  for (const expression of [
    'new AbortSignal()',
    'AbortSignal.abort().reason.name + AbortSignal.abort().reason.message',
    '[AbortSignal.abort(5).reason, AbortSignal.abort(null).reason, AbortSignal.abort().aborted]',
    'AbortSignal.abort("mine").throwIfAborted()',
    'new AbortController().signal.throwIfAborted()',
    '((c) => [c.signal === c.signal, c.signal.aborted, c.signal.reason, c.signal.onabort])(new AbortController())',
    '((c) => { c.abort(); c.abort(1); return [c.signal.aborted, c.signal.reason.name, c.signal.reason.code] })(new AbortController())',
    '((c) => { const seen = []; c.signal.addEventListener("abort", (e) => seen.push("1", e.isTrusted, e.type)); c.signal.onabort = function (e) { seen.push("2", this === c.signal) }; c.signal.addEventListener("abort", () => seen.push("3")); c.signal.onabort = () => seen.push("replaced"); c.abort(); return seen })(new AbortController())',
    '((c) => { const seen = []; c.signal.onabort = () => seen.push(1); c.signal.onabort = null; c.abort(); return [seen, c.signal.onabort] })(new AbortController())',
    '((c) => { const t = new EventTarget(); const seen = []; t.addEventListener("x", () => seen.push(1), { signal: c.signal }); t.dispatchEvent(new Event("x")); c.abort(); t.dispatchEvent(new Event("x")); t.addEventListener("x", () => seen.push(2), { signal: c.signal }); t.dispatchEvent(new Event("x")); return seen })(new AbortController())',
    '((a, b) => { const any = AbortSignal.any([a.signal, b.signal]); const seen = []; any.onabort = () => seen.push(any.reason); b.abort("b"); a.abort("a"); return [seen, any.aborted, any.reason] })(new AbortController(), new AbortController())',
    'AbortSignal.any([AbortSignal.abort(1), AbortSignal.abort(2)]).reason',
    'AbortSignal.any([]).aborted',
    'AbortSignal.any([5])',
    '(() => { try { AbortSignal.any(5) } catch (error) { return error.name } })()',
    ...(NODE < 22
      ? []
      : [
          '((c) => { const one = AbortSignal.any([c.signal]); const two = AbortSignal.any([one, c.signal]); const seen = []; c.signal.onabort = () => seen.push("c", two.aborted); two.onabort = () => seen.push("two"); one.onabort = () => seen.push("one"); c.abort(); return seen.sort() })(new AbortController())',
        ]),
    'new AbortController().signal instanceof EventTarget',
    'AbortController.prototype.abort.call({})',
    'AbortSignal.prototype.aborted',
    'Object.prototype.toString.call(new AbortController()) + Object.prototype.toString.call(AbortSignal.abort())',
  ]) {
    same(expression)
  }
})

test('there are timeouts where there is a timer', () => {
  assert.equal(shared.run('"timeout" in AbortSignal'), false)
  const timed = new WebContext({
    extras: '({ setTimeout: (fn, ms) => { globalThis.timer = [fn, ms] } })',
  })
  assert.equal(
    timed.run(`(() => {
      const signal = AbortSignal.timeout(7)
      const before = signal.aborted
      timer[0]()
      return [before, timer[1], signal.aborted, signal.reason.name, signal.reason.code].join()
    })()`),
    'false,7,true,TimeoutError,23',
  )
  assert.equal(
    timed.run('try { AbortSignal.timeout(-1) } catch (e) { e.name + e.code }'),
    'RangeErrorERR_OUT_OF_RANGE',
  )
  assert.equal(
    timed.run('try { AbortSignal.timeout("1") } catch (e) { e.name + e.code }'),
    'TypeErrorERR_INVALID_ARG_TYPE',
  )
})

test('an error in a listener is not the business of who dispatches', async () => {
  const reasons = await rejections(() => {
    const result = shared.run(`(() => {
      const target = new EventTarget()
      let after = 0
      target.addEventListener('x', () => { throw 'mine' })
      target.addEventListener('x', () => after++)
      return target.dispatchEvent(new Event('x')) && after
    })()`)
    assert.equal(result, 1)
  })
  assert.deepEqual(reasons, ['mine'])
})
