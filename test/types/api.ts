import type {
  ExitInfo,
  InvalidReason,
  Role,
  VmContext,
  VmError,
  VmErrorCode,
  VmInvalidContextError,
  VmScriptError,
  VmService,
  VmServiceEvents,
  VmTimeoutError,
} from 'vmring'
import { claims, denies, type Equal, type Fits } from './expect.js'

/** Never called: only its types are looked at. */
export function results(context: VmContext, service: VmService) {
  return {
    plain: context.eval('1'),
    typed: context.eval<number>('1'),
    called: context.call('f'),
    typedCall: context.call<string[]>('f', [1, 'a']),
    // Frozen arguments are as good as any.
    frozen: context.call('f', [1, 2] as const),
    byId: service.eval<boolean>('id', '1'),
    callById: service.call<Date>('id', 'f', []),
    created: service.createContext(),
    ensured: service.ensureContext({ id: 'a' }),
    handle: service.context('a'),
    closed: service.close(),
  }
}
type Results = ReturnType<typeof results>

claims<
  [
    // Whoever does not say what a script returns gets something that must be looked at.
    Equal<Results['plain'], Promise<unknown>>,
    Equal<Results['typed'], Promise<number>>,
    Equal<Results['called'], Promise<unknown>>,
    Equal<Results['typedCall'], Promise<string[]>>,
    Equal<Results['frozen'], Promise<unknown>>,
    Equal<Results['byId'], Promise<boolean>>,
    Equal<Results['callById'], Promise<Date>>,
    Equal<Results['created'], Promise<VmContext>>,
    Equal<Results['ensured'], Promise<VmContext>>,
    Equal<Results['handle'], VmContext>,
    Equal<Results['closed'], Promise<void>>,
    Fits<VmService, AsyncDisposable>,
    Fits<VmContext, AsyncDisposable>,
    Equal<VmContext['id'], string>,
    Equal<VmContext['signal'], AbortSignal>,
  ]
>()

type Event<E extends keyof VmServiceEvents> = VmServiceEvents[E][0]
claims<
  [
    Equal<Event<'contextCollected'>, { id: string; reason: InvalidReason }>,
    Equal<Event<'contextLost'>['contexts'], { id: string; role: Role }[]>,
    Equal<Event<'contextLost'>['exit'], ExitInfo>,
    Equal<Event<'processStart'>['pid'], number>,
  ]
>()
denies<[Fits<'processstart', keyof VmServiceEvents>, Fits<'error', keyof VmServiceEvents>]>()

claims<
  [
    Fits<VmScriptError, VmError>,
    Fits<VmError, Error>,
    Equal<VmError['code'], VmErrorCode>,
    Equal<VmScriptError['scriptName'], string | undefined>,
    Equal<VmScriptError['thrown'], unknown>,
    Equal<VmInvalidContextError['reason'], InvalidReason>,
    Equal<VmTimeoutError['phase'], 'queue' | 'run'>,
  ]
>()
// Errors of different classes are no substitutes for one another.
denies<[Fits<VmError, VmScriptError>, Fits<VmTimeoutError, VmInvalidContextError>]>()
