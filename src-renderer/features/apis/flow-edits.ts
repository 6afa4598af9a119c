import type { ApiDefinition, Flow, Resource, Step } from '@shared/api-definition'
import type { Phase } from '@shared/catalogue'
import { plainCopy } from '@/components/schema-form/schema'

/** Where a step stands. */
export interface StepPlace {
  readonly flow: number
  readonly phase: Phase
  readonly step: number
}

type HttpSelector = Extract<Flow['selectors'][number], { type: 'http' }>

/*
 * Edits of a definition. Each answers a new definition and leaves the old one alone, so that what is being saved never
 * changes under the save.
 */

export function insertFlow(definition: ApiDefinition, at: number, flow: Flow): ApiDefinition {
  return { ...definition, flows: definition.flows.toSpliced(at, 0, flow) }
}

export function changeFlow(definition: ApiDefinition, at: number, change: (flow: Flow) => Flow): ApiDefinition {
  return { ...definition, flows: definition.flows.map((flow, index) => (index === at ? change(flow) : flow)) }
}

export function removeFlow(definition: ApiDefinition, at: number): ApiDefinition {
  return { ...definition, flows: definition.flows.toSpliced(at, 1) }
}

/** Moves a flow to an index, as counted after the move; stays within the list. */
export function moveFlow(definition: ApiDefinition, from: number, to: number): ApiDefinition {
  return { ...definition, flows: moved(definition.flows, from, to) }
}

/** A new flow for every path. */
export function newFlow(name: string): Flow {
  return {
    name,
    enabled: true,
    selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH', methods: [] }],
    request: [],
    response: [],
  }
}

/** A copy of a flow under a name of its own, with no id, which is the first one's. */
export function copyOfFlow(flow: Flow): Flow {
  const { id: _id, ...copy } = plainCopy(flow)
  return { ...copy, name: `${flow.name ?? 'Flow'} copy` }
}

export function insertStep(definition: ApiDefinition, at: StepPlace, step: Step): ApiDefinition {
  return changeFlow(definition, at.flow, (flow) => ({
    ...flow,
    [at.phase]: flow[at.phase].toSpliced(at.step, 0, step),
  }))
}

export function changeStep(definition: ApiDefinition, at: StepPlace, change: (step: Step) => Step): ApiDefinition {
  return changeFlow(definition, at.flow, (flow) => ({
    ...flow,
    [at.phase]: flow[at.phase].map((step, index) => (index === at.step ? change(step) : step)),
  }))
}

export function removeStep(definition: ApiDefinition, at: StepPlace): ApiDefinition {
  return changeFlow(definition, at.flow, (flow) => ({ ...flow, [at.phase]: flow[at.phase].toSpliced(at.step, 1) }))
}

/**
 * Moves a step into a gap: `to.step` counts the gaps before the move (0 is in front of the first). Answers the new
 * definition and where the step is then.
 */
export function moveStep(
  definition: ApiDefinition,
  from: StepPlace,
  to: StepPlace,
): { definition: ApiDefinition; place: StepPlace } {
  const step = definition.flows[from.flow]?.[from.phase][from.step]
  if (!step) return { definition, place: from }
  const sameList = from.flow === to.flow && from.phase === to.phase
  const index = sameList && to.step > from.step ? to.step - 1 : to.step
  const place = { ...to, step: index }
  return { definition: insertStep(removeStep(definition, from), place, step), place }
}

/** The flow's HTTP selector; every path when it has none. */
export function selectorOf(flow: Flow): HttpSelector {
  return (
    flow.selectors.find((selector): selector is HttpSelector => selector.type === 'http') ?? {
      type: 'http',
      path: '/',
      pathOperator: 'START_WITH',
      methods: [],
    }
  )
}

/** A flow with its HTTP selector changed, its other selectors kept. */
export function withSelector(flow: Flow, change: Partial<HttpSelector>): Flow {
  const selector = { ...selectorOf(flow), ...change }
  const at = flow.selectors.findIndex(({ type }) => type === 'http')
  return {
    ...flow,
    selectors: at < 0 ? [selector, ...flow.selectors] : flow.selectors.with(at, selector),
  }
}

/** The condition under which a flow runs; empty when there is none. */
export function conditionOf(flow: Flow): string {
  return flow.selectors.find((selector) => selector.type === 'condition')?.condition ?? ''
}

/** A flow with another condition, its other selectors kept; with none for an empty text. */
export function withCondition(flow: Flow, condition: string): Flow {
  const at = flow.selectors.findIndex(({ type }) => type === 'condition')
  if (condition.trim() === '') return at < 0 ? flow : { ...flow, selectors: flow.selectors.toSpliced(at, 1) }
  const selector = { ...flow.selectors[at], type: 'condition' as const, condition }
  return { ...flow, selectors: at < 0 ? [...flow.selectors, selector] : flow.selectors.with(at, selector) }
}

/** The names of the parameters in a path: `id` of `/orders/:id`. */
export function pathParameters(path: string): string[] {
  return path.split('/').flatMap((part) => (/^:./.test(part) ? [part.slice(1)] : []))
}

/** `ALL /` or `GET, POST /orders/:id`. */
export function describeSelector(flow: Flow): { methods: string; path: string } {
  const { methods, path, pathOperator } = selectorOf(flow)
  return {
    methods: methods?.length ? methods.join(', ') : 'ALL',
    path: pathOperator === 'START_WITH' ? `${path}*` : path,
  }
}

export function insertResource(definition: ApiDefinition, at: number, resource: Resource): ApiDefinition {
  return { ...definition, resources: definition.resources.toSpliced(at, 0, resource) }
}

export function changeResource(definition: ApiDefinition, at: number, resource: Resource): ApiDefinition {
  return { ...definition, resources: definition.resources.with(at, resource) }
}

export function removeResource(definition: ApiDefinition, at: number): ApiDefinition {
  return { ...definition, resources: definition.resources.toSpliced(at, 1) }
}

/** The steps whose configuration names a resource. */
export function usersOfResource(definition: ApiDefinition, name: string): StepPlace[] {
  return definition.flows.flatMap((flow, f) =>
    (['request', 'response'] as const).flatMap((phase) =>
      flow[phase].flatMap((step, s) =>
        Object.entries(step.configuration ?? {}).some(([key, value]) => /resource/i.test(key) && value === name)
          ? [{ flow: f, phase, step: s }]
          : [],
      ),
    ),
  )
}

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list[from]
  if (item === undefined) return [...list]
  const index = Math.max(0, Math.min(to, list.length - 1))
  return list.toSpliced(from, 1).toSpliced(index, 0, item)
}
