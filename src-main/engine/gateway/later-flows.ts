import type { Flow } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import type { ApiSnapshot } from '../snapshot'
import { compileFlows, type FlowContext } from './compile-flows'
import type { CompiledFlow } from './compiled-api'

/** The flows of an API or of a plan. */
export type LaterFlows = () => readonly CompiledFlow[]

/** Where flows stand, and what their steps may use. */
interface FlowsPlace extends Omit<FlowContext, 'snapshot'> {
  /** `/flows` for those of the API, else those of a plan. */
  readonly pointer: string
  readonly flowsOf: (snapshot: ApiSnapshot) => readonly Flow[]
}

/**
 * Compiles flows to learn all that is wrong with them, and again when the first call needs them: most of a thousand APIs wait
 * for calls, and their steps would be most of what the engine holds and of what it collects while it starts. What has been judged
 * does not change: it compiles the second time as it did the first. Steps that hold on to something (`onClose`) are kept from the start.
 *
 * @param snapshot as it came; its definition is read anew for the second time
 * @param judged the same with the definition that was read for the first time
 */
export function compileFlowsLater(
  snapshot: ApiSnapshot,
  judged: ApiSnapshot,
  place: FlowsPlace,
): { readonly flows: LaterFlows; readonly conditionsReadRequest: boolean } {
  let holds = false
  const onClose = (close: () => unknown) => {
    holds = true
    place.bound.onClose(close)
  }
  const now = compile(judged, { ...place, bound: { ...place.bound, onClose } })
  const conditionsReadRequest = now.some((flow) => flow.conditionsReadRequest)
  return { flows: holds || now.length === 0 ? () => now : onDemand(snapshot, place), conditionsReadRequest }
}

/** By itself, so that it keeps nothing of the first time alive. */
function onDemand(snapshot: ApiSnapshot, place: FlowsPlace): LaterFlows {
  let made: readonly CompiledFlow[] | undefined
  return () => (made ??= compileJudged(snapshot, place))
}

function compileJudged(snapshot: ApiSnapshot, place: FlowsPlace): readonly CompiledFlow[] {
  const errors: FieldError[] = []
  const { definition } = snapshot
  const flows = compile({ ...snapshot, definition }, { ...place, errors })
  if (errors[0] !== undefined)
    throw new Error(`A flow that was judged to be right does not compile: ${errors[0].message}`)
  return flows
}

const compile = (snapshot: ApiSnapshot, { pointer, flowsOf, ...context }: FlowsPlace) =>
  compileFlows(flowsOf(snapshot), pointer, { ...context, snapshot })
