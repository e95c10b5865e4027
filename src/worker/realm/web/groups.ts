import type { createAbort, SetTimer, WebAbort } from './abort.js'
import type { createClone, WebClone } from './clone.js'
import type { createEvent, WebEvent } from './event.js'
import type { createEvents, WebEvents } from './events.js'
import type { createExceptions, WebExceptions } from './exceptions.js'
import type { takeBuiltIns, WebKit } from './kit.js'
import type { DECODE, WebOps } from './ops.js'
import type { createParams, WebParams } from './params.js'
import type { createSmall, WebSmall } from './small.js'
import type { createText, WebText } from './text.js'
import type { createUrl, WebUrl } from './url.js'

/** The functions that make the groups of globals, and what they are told of the worker's side. */
export interface WebParts {
  readonly groups: typeof createGroups
  readonly exceptions: typeof createExceptions
  readonly event: typeof createEvent
  readonly events: typeof createEvents
  readonly abort: typeof createAbort
  readonly params: typeof createParams
  readonly url: typeof createUrl
  readonly text: typeof createText
  readonly small: typeof createSmall
  readonly clone: typeof createClone
  readonly constants: {
    readonly ops: WebOps
    readonly decode: typeof DECODE
    readonly urlParts: readonly string[]
  }
}

/**
 * Which group a global is in, and which groups that one needs: each is made when it is asked for.
 *
 * Self-contained: it is carried into contexts as source text.
 */
export function createGroups(
  parts: WebParts,
  makeKit: ReturnType<typeof takeBuiltIns>,
  setTimer: SetTimer | undefined,
): (name: string) => unknown {
  const { ops, decode, urlParts } = parts.constants
  const kit: WebKit = makeKit(
    ops,
    (message, name) => new (exceptions().DOMException)(message, name),
  )
  let madeExceptions: WebExceptions | undefined
  let madeEvent: WebEvent | undefined
  let madeEvents: WebEvents | undefined
  let madeAbort: WebAbort | undefined
  let madeParams: WebParams | undefined
  let madeUrl: WebUrl | undefined
  let madeText: WebText | undefined
  let madeSmall: WebSmall | undefined
  let madeClone: WebClone | undefined

  function exceptions(): WebExceptions {
    madeExceptions ??= parts.exceptions(kit)
    return madeExceptions
  }

  function event(): WebEvent {
    madeEvent ??= parts.event(kit)
    return madeEvent
  }

  function events(): WebEvents {
    madeEvents ??= parts.events(kit, event())
    return madeEvents
  }

  function abort(): WebAbort {
    madeAbort ??= parts.abort(kit, events(), setTimer)
    return madeAbort
  }

  function params(): WebParams {
    madeParams ??= parts.params(kit)
    return madeParams
  }

  function text(): WebText {
    madeText ??= parts.text(kit, decode)
    return madeText
  }

  function small(): WebSmall {
    madeSmall ??= parts.small(kit)
    return madeSmall
  }

  return (name) => {
    switch (name) {
      case 'URL':
        madeUrl ??= parts.url(kit, params(), urlParts)
        return madeUrl.URL
      case 'URLSearchParams':
        return params().URLSearchParams
      case 'TextEncoder':
        return text().TextEncoder
      case 'TextDecoder':
        return text().TextDecoder
      case 'atob':
        return small().atob
      case 'btoa':
        return small().btoa
      case 'structuredClone':
        madeClone ??= parts.clone(kit, exceptions())
        return madeClone.structuredClone
      case 'queueMicrotask':
        return small().queueMicrotask
      case 'AbortController':
        return abort().AbortController
      case 'AbortSignal':
        return abort().AbortSignal
      case 'Event':
        return event().Event
      case 'EventTarget':
        return events().EventTarget
      case 'DOMException':
        return exceptions().DOMException
      case 'performance':
        return small().performance
      case 'crypto':
        return small().crypto
      default:
        return undefined
    }
  }
}
