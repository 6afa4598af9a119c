import type { ApiDefinition, Flow, Step } from '@shared/api-definition'
import type { Phase } from '@shared/catalogue'

/** A step with its place, for messages and JSON pointers. */
export interface PlacedStep {
  readonly step: Step
  readonly flow: Flow
  readonly phase: Phase
  /** JSON pointer into the definition. */
  readonly pointer: string
}

/** Every step of the flows, in order. */
export function stepsOf(definition: Pick<ApiDefinition, 'flows'>): PlacedStep[] {
  return definition.flows.flatMap((flow, f) =>
    (['request', 'response'] as const).flatMap((phase) =>
      flow[phase].map((step, s) => ({ step, flow, phase, pointer: `/flows/${f}/${phase}/${s}` })),
    ),
  )
}

/** What a flow is called: its name, else its path. */
export function flowName(flow: Flow): string {
  if (flow.name !== undefined && flow.name.trim() !== '') return flow.name
  const http = flow.selectors.find((selector) => selector.type === 'http')
  return http ? http.path : 'without a name'
}
